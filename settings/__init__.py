"""Configuration: typed settings, where they come from, and what is wrong with them."""

from settings.loading import checked_region, load, masked, naming, variables
from settings.model import NOVA_2, NOVA_2_5, Settings

__all__ = ["NOVA_2", "NOVA_2_5", "Settings", "checked_region", "load", "masked", "naming", "variables"]
