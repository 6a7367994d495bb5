"""Accounts and stories of the demo mode, made by the same commands as everything else."""
