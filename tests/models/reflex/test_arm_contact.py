"""The momentum observer on a two-joint plant, in control ticks."""

import types

import numpy as np
import pytest

from neural_brain.models.reflex import ArmContact, ArmContactConfig
from neural_brain.models.reflex.cause import CLEAR
from neural_brain.models.signals import ReflexLevel

DT = 1e-3
LIMITS = types.SimpleNamespace(q_min=np.zeros(2), effort_max=np.array([50.0, 20.0]))
MASS = np.array([[2.0, 0.3], [0.3, 0.5]])
JACOBIAN = np.vstack([[[0.0, 0.1], [0.6, 0.3], [0.0, 0.0]], np.zeros((3, 2))])


def read(dq, effort, wrench=(0.0,) * 6):
    """The numbers of a state: q, dq, effort and wrench."""
    return np.concatenate([np.zeros(2), dq, effort, wrench])


class Plant:
    """Two joints with gravity, which a controller carries."""

    def __init__(self, **config):
        self.contact = ArmContact(ArmContactConfig(**config), LIMITS, DT)
        self.dq = np.zeros(2)
        self.dynamics = types.SimpleNamespace(
            mass=MASS, jacobian=JACOBIAN, bias=np.array([9.0, 4.0])
        )

    def run(
        self, ticks, *, elsewhere=(0.0, 0.0), wrench=None, measured=True, intended=False
    ):
        """Tick; returns what the observer says at the end."""
        wrench = np.zeros(6) if wrench is None else np.asarray(wrench, float)
        for _ in range(ticks):
            effort = self.dynamics.bias - 3.0 * self.dq
            if hasattr(self, "effort"):
                told = self.effort if measured else np.zeros(2)
                self.contact.observe(read(self.dq, told, wrench), self.dynamics)
            push = np.asarray(elsewhere) + JACOBIAN.T @ wrench
            self.effort = effort
            self.dq = self.dq + DT * np.linalg.solve(
                MASS, effort - self.dynamics.bias + push
            )
        return self.contact.judge(intended=intended)


def test_the_residual_becomes_the_effort_of_the_contact():
    plant = Plant()
    plant.run(400, elsewhere=(6.0, -1.5))
    np.testing.assert_allclose(plant.contact.residual, [6.0, -1.5], atol=0.05)


def test_a_contact_elsewhere_holds_the_arm_and_names_the_joint():
    plant = Plant()
    for _ in range(3):
        cause = plant.run(100, elsewhere=(12.0, 1.0))
    assert cause.level is ReflexLevel.HOLD
    assert cause.name == "contact of the arm, joint 1"
    assert cause.value == pytest.approx(12.0, abs=0.5)


def test_an_arm_that_measures_no_efforts_feels_nothing():
    plant = Plant()
    for _ in range(3):
        assert plant.run(100, elsewhere=(12.0, 1.0), measured=False) is CLEAR
    assert not plant.contact.residual.any()


def test_efforts_that_are_lost_hold_the_arm():
    plant = Plant()
    assert plant.run(10) is CLEAR
    assert plant.run(2, measured=False) is CLEAR
    cause = plant.run(1, measured=False)
    assert cause.level is ReflexLevel.HOLD and cause.name == "measured effort lost"
    assert plant.run(1) is CLEAR


def test_a_contact_is_answered_for_a_while_after_it():
    plant = Plant(hold_ticks=40)
    for _ in range(3):
        plant.run(100, elsewhere=(12.0, 1.0))
    plant.run(150)  # it is gone, and the residual has faded
    held = [plant.run(1) is not CLEAR for _ in range(60)]
    assert held == [True] * 38 + [False] * 22  # two of the forty looks came before


def test_what_the_wrist_feels_is_no_alarm():
    plant = Plant()
    for _ in range(3):
        assert plant.run(100, wrench=[0, 60, 0, 0, 0, 0]) is CLEAR


@pytest.mark.parametrize("intended", [True, False])
def test_a_wrist_that_feels_late_is_waited_for_where_contact_is_intended(intended):
    """Joints feel a press of 20 N at once, the wrist's sensor 20 ms later."""
    plant, push = Plant(), np.array([0.0, 20.0, 0.0, 0.0, 0.0, 0.0])
    plant.run(50)
    early = {"elsewhere": JACOBIAN.T @ push, "intended": intended}
    told = [plant.run(1, **early) for _ in range(20)]
    told += [plant.run(1, wrench=push, intended=intended) for _ in range(280)]
    assert all(cause is CLEAR for cause in told) is intended


def test_a_contact_elsewhere_is_answered_during_an_intended_one_as_well():
    plant, acted = Plant(), None
    plant.run(50)
    for tick in range(200):
        found = plant.run(1, elsewhere=(12.0, 1.0), intended=True)
        if acted is None and found is not CLEAR:
            acted = tick
    assert acted is not None and acted < 50 + 30


def test_a_single_tick_is_no_alarm_and_a_reset_forgets():
    plant = Plant(ticks=5, gain_hz=400.0)
    plant.run(50, elsewhere=(30.0, 0.0))
    assert plant.contact.judge() is CLEAR  # the second look
    plant.contact.reset()
    assert not plant.contact.residual.any()


def test_nan_counts_as_contact():
    plant = Plant(ticks=1)
    plant.run(5)
    plant.contact.residual[0] = np.nan
    assert plant.contact.judge().level is ReflexLevel.HOLD


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e300])
def test_absurd_efforts_hold_the_arm_and_are_forgotten(value):
    plant = Plant()
    plant.run(100)
    plant.effort = np.array([value, 0.0])
    for _ in range(3):
        plant.contact.observe(read(plant.dq, plant.effort), plant.dynamics)
    assert plant.contact.judge().level is ReflexLevel.HOLD
    plant.effort = plant.dynamics.bias
    plant.run(3)
    assert plant.contact.judge() is CLEAR


def test_a_body_that_writes_into_its_own_arrays_is_felt_as_well():
    plant, numbers = Plant(), np.zeros(12)
    plant.run(1)
    for _ in range(300):
        effort = plant.dynamics.bias - 3.0 * plant.dq
        numbers[:] = read(plant.dq, plant.effort)
        plant.contact.observe(numbers, plant.dynamics)
        plant.effort = effort
        push = effort - plant.dynamics.bias + np.array([6.0, -1.5])
        plant.dq = plant.dq + DT * np.linalg.solve(MASS, push)
    np.testing.assert_allclose(plant.contact.residual, [6.0, -1.5], atol=0.05)
