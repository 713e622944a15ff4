"""The metric as rewards: what a completion earns, term by term, and what earns nothing."""

from svgtune.rewards.functions import Rewards, build_rewards

__all__ = ["Rewards", "build_rewards"]
