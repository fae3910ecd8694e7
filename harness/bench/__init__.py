"""Speed as ratios: each figure is measured beside what it is compared with, in one run on one machine."""
