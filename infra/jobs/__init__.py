"""Background jobs by Celery. A task only carries ids of work that the database knows; beat finds what was lost."""

from infra.jobs.registry import Jobs

__all__ = ["Jobs"]
