"""Contacts in a Bullet world: who may touch, how hard, and who feels it."""

import mujoco
import numpy as np
import pytest

from neural_brain.sim.bullet.pairs import Part, may_touch
from neural_brain.sim.bullet.solref import Meeting, impedance, spring
from neural_brain.sim.robots import READY, add_robot
from neural_brain.sim.simulation import Simulation

SPHERE_ON_BLOCK = """
<mujoco>
  <worldbody>
    <geom name="block" type="box" size=".5 .5 .5" solref="{solref}" friction="{slip}"/>
    <body name="ball" pos="0 0 .549"><freejoint/>
      <geom name="ball" size=".05" mass="2" solref="{solref}" friction="{slip}"/>
    </body>
  </worldbody>
</mujoco>
"""


def resting(solref="0.02 1", slip=1.0):
    """A ball on a block in MuJoCo, at rest: model and data."""
    text = SPHERE_ON_BLOCK.format(solref=solref, slip=slip)
    model = mujoco.MjModel.from_xml_string(text)
    data = mujoco.MjData(model)
    for _ in range(3000):
        mujoco.mj_step(model, data)
    return model, data


@pytest.mark.parametrize("solref", ["0.02 1", "0.005 1", "0.01 0.5", "-2000 -80"])
@pytest.mark.parametrize("slip", [1.0, 0.4])
def test_the_spring_at_rest_carries_the_load_at_mujocos_depth(solref, slip):
    model, data = resting(solref, slip)
    depth = -data.contact[0].dist
    at = Meeting(
        depth_m=depth, closing_m_s=0.0, pushed_m_s2=9.81, ease=1 / 2.0, count=1
    )
    stiffness, damping = spring(model, 0, 1, at, 0.001)
    assert stiffness * depth == pytest.approx(2.0 * 9.81, rel=0.05)
    assert damping > 0.0


def test_the_damper_stops_a_first_touch_as_mujoco_does():
    model, data = resting()
    data.qpos[2], data.qvel[:] = 0.5499999, 0.0
    data.qvel[2] = -0.5
    mujoco.mj_forward(model, data)
    force = np.zeros(6)
    mujoco.mj_contactForce(model, data, 0, force)
    at = Meeting(depth_m=1e-7, closing_m_s=0.5, pushed_m_s2=9.81, ease=1 / 2.0, count=1)
    _, damping = spring(model, 0, 1, at, 0.001)
    weight_share = damping * 9.81 / 105.26  # b of this solref: the push adds a little
    assert damping * 0.5 + weight_share == pytest.approx(force[0], rel=0.03)


@pytest.mark.parametrize("depth", [0.0, 2e-4, 5e-4, 8e-4, 3e-3])
def test_impedance_is_mujocos(depth):
    model, data = resting()
    data.qpos[2], data.qvel[:] = 0.55 - depth - 1e-9, 0.0
    mujoco.mj_forward(model, data)
    solimp = np.array(data.contact[0].solimp)
    assert impedance(solimp, depth) == pytest.approx(data.efc_KBIP[0, 2], abs=1e-3)


def test_pairs_that_mujoco_excludes_may_not_touch():
    spec = mujoco.MjSpec.from_string(
        "<mujoco><worldbody><geom type='plane' size='0 0 1'/></worldbody></mujoco>"
    )
    add_robot(spec, "arm")
    model = spec.compile()

    def part(name):
        body = model.body(name).id
        start, count = model.body_geomadr[body], model.body_geomnum[body]
        geoms = tuple(range(start, start + count))
        return Part(unique=0, link=body, body=body, geoms=geoms, robot=True)

    hand, base = part("robot/hand"), part("robot/base_link")
    assert may_touch(model, hand, base)
    assert not may_touch(model, hand, part("robot/link7"))
    assert not may_touch(model, part("robot/link2"), part("robot/link3"))
    world = Part(unique=1, link=-1, body=0, geoms=(0,), robot=False)
    assert may_touch(model, hand, world) and not may_touch(model, base, world)


def pressed(simulation, slide=0.0):
    """Press the ready hand down with 15 N (and sideways); contacts and wrist force."""
    index, data = simulation.index, simulation.data
    simulation.place_arm(READY)
    forces = []
    for _ in range(1500):
        hold = 80.0 * (READY - data.qpos[index.arm_q]) - 20 * data.qvel[index.arm_dof]
        data.ctrl[index.arm_ctrl] = data.qfrc_bias[index.arm_dof] + hold
        data.xfrc_applied[index.hand_body, :3] = [0.0, slide, -15.0]
        simulation.step()
        wrist = data.sensordata[index.force : index.force + 3]
        R = data.site_xmat[index.flange_site].reshape(3, 3)
        forces.append((simulation.truth.arm_force_n, *(R @ wrist)))
    return np.array(forces), data.qpos[index.arm_q].copy()


def block_model(friction):
    spec = mujoco.MjSpec.from_string(
        "<mujoco><worldbody><body name='block' pos='.5 0 .897'><geom type='box' "
        f"size='.2 .2 .05' friction='{friction}' priority='1'/></body></worldbody>"
        "</mujoco>"
    )
    add_robot(spec, "arm")
    return spec.compile()


@pytest.fixture
def bullet():
    """Bullet worlds that are closed after the test."""
    pytest.importorskip(
        "pybullet", reason="pybullet is absent: pip install neural_brain[pybullet]"
    )
    from neural_brain.sim.bullet import BulletSimulation

    made = []

    def make(model):
        made.append(BulletSimulation(model))
        return made[-1]

    yield make
    for simulation in made:
        simulation.close()


def test_a_press_is_as_in_mujoco_and_the_wrist_feels_it(bullet):
    model = block_model(1.0)
    other = bullet(model)
    known, q_known = pressed(Simulation(model))
    found, q_found = pressed(other)
    assert set(other.truth.arm_contacts) == {"block"}
    one, two = known[-200:].mean(axis=0), found[-200:].mean(axis=0)
    assert one[0] > 5.0
    # Along the normal; across it Bullet's friction sticks where MuJoCo's creeps.
    np.testing.assert_allclose(two[[0, 3]], one[[0, 3]], atol=0.3)
    assert found[:, 0].max() == pytest.approx(known[:, 0].max(), rel=0.2)
    np.testing.assert_allclose(q_found, q_known, atol=4e-3)


def test_friction_is_the_things_own(bullet):
    lateral = {}
    for friction in (1.0, 0.1):
        found, _ = pressed(bullet(block_model(friction)), slide=6.0)
        force, _, side, _ = found[-200:].mean(axis=0)
        lateral[friction] = (6.0 + side) / force  # what the wrist does not carry
    assert lateral[0.1] <= 0.15
    assert lateral[1.0] > 0.25
