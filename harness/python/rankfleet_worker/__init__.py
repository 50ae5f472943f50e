"""Kernels of Python frameworks (PyTorch, Triton, NumPy), run for the calibration harness."""
