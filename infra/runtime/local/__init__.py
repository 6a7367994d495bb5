"""`up-local`: Lotse as separate processes on this machine, with a PostgreSQL and a RabbitMQ of its own."""
