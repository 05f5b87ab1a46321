"""Ratios in one interleaved run, never a timed test."""
