"""Simulation: what a draft would have done over a past span, found by several processes and told as a report."""
