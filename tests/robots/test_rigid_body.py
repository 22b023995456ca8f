"""MuJoCo's C library and its Python bindings give the same terms, bit by bit."""

import copy

import mujoco
import numpy as np
import pytest

from neural_brain.robots import rigid_body
from neural_brain.robots.dynamics import arm_dynamics
from neural_brain.robots.rigid_body import RigidBody

SLIDE = """<mujoco><worldbody><body><joint type="slide" axis="0 1 0" armature="0.3"/>
<geom size="0.1"/><body pos="0.2 0 0"><joint axis="0 0 1"/><geom size="0.1"/>
<site name="ee" pos="0.1 0.2 0.3" euler="10 20 30"/></body></body></worldbody></mujoco>
"""


def arms():
    body = arm_dynamics(payload_kg=1.0)._body
    return [(body._model, body._site), (mujoco.MjModel.from_xml_string(SLIDE), 0)]


def terms(body):
    return [
        part.copy().view(np.int64)
        for part in (body.T, body.jacobian, body.mass, body.bias)
    ]


@pytest.mark.parametrize("arm", [0, 1])
def test_library_and_bindings_give_the_same_bits(arm):
    model, site = arms()[arm]
    quick, plain = RigidBody(model, site), RigidBody(model, site, library=False)
    assert quick.in_library and not plain.in_library
    rng = np.random.default_rng(0)
    for _ in range(200):
        q, dq = rng.normal(size=(2, model.nv))
        quick.update(q, dq)
        plain.update(q, dq)
        for one, other in zip(terms(quick), terms(plain), strict=True):
            np.testing.assert_array_equal(one, other)


def test_a_library_that_does_nothing_is_not_used(monkeypatch):
    monkeypatch.setattr(rigid_body, "_refresh_in_library", lambda places: None)
    body = RigidBody(*arms()[0])
    assert not body.in_library
    assert all(np.isfinite(part.view(float)).all() for part in terms(body))


@pytest.mark.parametrize("bad", [np.nan, np.inf, 1e200])
def test_numbers_that_are_none_come_out_the_same(bad):
    model, site = arms()[0]
    quick, plain = RigidBody(model, site), RigidBody(model, site, library=False)
    for body in (quick, plain):
        body.update(np.full(model.nv, bad), np.zeros(model.nv))
    for one, other in zip(terms(quick), terms(plain), strict=True):
        np.testing.assert_array_equal(one.view(float), other.view(float))


def test_without_the_library_the_bindings_do_the_work(monkeypatch):
    monkeypatch.setattr(rigid_body, "_refresh_in_library", None)
    assert not RigidBody(*arms()[0]).in_library


def test_a_library_that_computes_something_else_is_not_used(monkeypatch):
    def spoil(places):
        body.mass[0, 0] += 1e-9

    model, site = arms()[0]
    body = object.__new__(RigidBody)
    monkeypatch.setattr(rigid_body, "_refresh_in_library", spoil)
    body.__init__(model, site)
    assert not body.in_library


def test_a_function_that_is_declared_otherwise_is_not_called(monkeypatch):
    monkeypatch.setitem(rigid_body._DECLARED, "mj_rne", "(const mjModel *, int)")
    assert not rigid_body._find_library()


def test_a_function_that_is_missing_is_not_called(monkeypatch):
    monkeypatch.setitem(rigid_body._DECLARED, "mj_none", "(const mjModel *)")
    assert rigid_body._compile() is None


def test_a_library_of_another_version_is_not_called(monkeypatch):
    monkeypatch.setattr(rigid_body.mujoco, "mj_version", lambda: 1)
    assert not rigid_body._find_library()


def test_addresses_are_never_copied():
    with pytest.raises(TypeError, match="copied"):
        copy.deepcopy(RigidBody(*arms()[0]))


def test_lists_and_other_types_are_taken():
    model, site = arms()[1]
    one, other = RigidBody(model, site), RigidBody(model, site)
    one.update([0.5, 0.25], (1, 2))
    other.update(np.array([0.5, 0.25], np.float32), np.array([1.0, 2.0]))
    np.testing.assert_array_equal(one.mass, other.mass)
