"""Messages between processes: what exists on the broker, publishing with confirms, consuming in a thread, retries."""
