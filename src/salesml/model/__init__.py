"""The estimator, its calibration and evaluation, and the bundle it is kept in."""
