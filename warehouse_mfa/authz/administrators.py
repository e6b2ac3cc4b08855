"""What is shorter for administrators, whose sessions open more than their own account."""

from datetime import timedelta

LONGEST_IDLE = timedelta(minutes=15)  # NIST SP 800-63B-4 §2.3.3, AAL3
LONGEST_STEP_UP = timedelta(minutes=10)


def idle_of(is_superuser: bool, usual: timedelta) -> timedelta:
    """Return how long a session lives that nobody uses."""
    return min(usual, LONGEST_IDLE) if is_superuser else usual


def step_up_window_of(is_superuser: bool, usual: timedelta) -> timedelta:
    """Return how long a factor that was proved counts as proved lately."""
    return min(usual, LONGEST_STEP_UP) if is_superuser else usual
