"""Parameters of the fast loop."""

from __future__ import annotations

from dataclasses import dataclass, field

from neural_brain.models.config import param, validate
from neural_brain.models.errors import ConfigError
from neural_brain.models.impedance import AdmittanceConfig, ImpedanceConfig
from neural_brain.models.reflex import BaseYieldConfig, ReflexConfig


@dataclass(frozen=True, kw_only=True)
class FastConfig:
    """Controller, reflex and recorder of the fast loop.

    `impedance.tick_s` and `reflex.joints.tick_s` are both the period of the loop.
    `admittance` is used by `robots.AdmittanceBody`, which stands between the loop and
    an arm that takes no efforts.
    """

    hold_n_m: float = param(150.0, "stiffness of HOLD", low=10.0, high=1000.0)
    hold_nm_rad: float = param(15.0, "rotational one", low=1.0, high=100.0)
    firm_n_m: float = param(
        600.0, "the same for a contact above the wrist", low=10.0, high=2000.0
    )
    retract_n_m: float = param(300.0, "stiffness of RETRACT", low=10.0, high=2000.0)
    slow_scale: float = param(
        0.4, "arm speed at level SLOW, share of normal", low=0.05, high=1.0
    )
    recorder_s: float = param(5.0, "length of the recorder", low=0.1, high=60.0)
    impedance: ImpedanceConfig = field(default_factory=ImpedanceConfig)
    admittance: AdmittanceConfig = field(default_factory=AdmittanceConfig)
    base_yield: BaseYieldConfig = field(default_factory=BaseYieldConfig)
    reflex: ReflexConfig = field(default_factory=ReflexConfig)

    def __post_init__(self) -> None:
        """Check all ranges, and that all parts reckon with one control period."""
        validate(self)
        own, other = self.impedance.tick_s, self.reflex.joints.tick_s
        if own != other:
            raise ConfigError(
                f"FastConfig.impedance.tick_s = {own!r}, but reflex.joints.tick_s = "
                f"{other!r}; allowed: the same control period, or efforts change "
                "faster than the joints allow. Write the same number into both."
            )
