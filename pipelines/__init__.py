"""kepu: the yearly production line of science-popularization statistics (科普调查统计)."""

__version__ = "0.1.0"
