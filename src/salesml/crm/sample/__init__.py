"""A simulated company with known truth, for tests, trials and demonstrations."""

from salesml.crm.sample.write import sample

__all__ = ["sample"]
