"""Advice: what a sound programme probably does not mean, found in its words and in the last 90 days."""
