"""What every network shares: parameters, their initial values, readouts (methods: initial values; readouts)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

import array_api_compat
import numpy as np

from tinycog.arrays import namespace
from tinycog.models.cells.initialisation import uniform_stream
from tinycog.models.interface import Array, Cue, Parameters, Trial, along_replicas

if TYPE_CHECKING:
    from tinycog.tasks import Task

Shapes = dict[str, tuple[int, ...]]

ROWS = {"E_task": "task_code", "E_subject": "subject_code"}  # embedding: attribute of `Sequences` with each block's row


class Network:
    """A recurrent layer of `n_units` units and its readout; a cell defines the layer.

    The readout's parameters are W_out (action, unit) and b_out (action) for `full`, c () for `diagonal`. For `block`,
    units and actions are split into as many groups as there are pairs of actions (the stages of the
    original two-stage task), each group of units is read by its own pair, and W_out is (action, units of its group).

    A cell that is fed a vector may be told task and subject of each block (methods: embeddings): a row of the
    table E_task (task, task), initially the identity, and one of E_subject (subject, `subject_width`), initially 0,
    are appended to the input of every trial. Both are learned and neither is penalised; a row that no training block
    uses stays as it was.
    """

    family = "rnn"
    fitted_by = "tinycog.fitting.networks"
    uses_copies = True
    states_alike = False  # units of two fits have nothing to do with each other
    cell: ClassVar[str]
    penalised: ClassVar[tuple[str, ...]]  # what the L1 acts on (methods: loss and penalty)
    state_bounds: ClassVar[tuple[float, float]]
    states_per_unit: ClassVar[int] = 1
    by_condition: ClassVar[bool] = False  # whether it is fed the code of the input condition, and not a vector
    takes: ClassVar[tuple[str, ...]] = ("subject_embedding",)  # keys of the config that not every cell has
    log_floor = None
    ties_fail = False

    def __init__(
        self,
        *,
        n_inputs: int,
        n_units: int,
        n_actions: int,
        n_conditions: int = 0,
        readout: str = "full",
        n_tasks: int = 0,
        n_subjects: int = 0,
        subject_width: int = 0,
    ):
        if readout == "diagonal" and n_units != n_actions:
            raise ValueError(f"a diagonal readout needs as many units as actions ({n_actions}), found {n_units} units")
        groups = {"full": 1, "block": n_actions // 2, "diagonal": 0}[readout]
        if readout == "block" and n_actions % 2:
            raise ValueError(f"a block readout needs pairs of actions, found {n_actions} actions")
        if readout == "block" and n_units % groups:
            raise ValueError(
                f"a block readout of {n_actions} actions needs a multiple of {groups} units, found {n_units}"
            )
        tables = {"E_task": (n_tasks, n_tasks), "E_subject": (n_subjects, subject_width)}
        self.embeddings: Shapes = {name: shape for name, shape in tables.items() if shape[1]}
        self.n_inputs = n_inputs + n_tasks + subject_width  # columns of W_ih
        self.n_units, self.n_actions, self.n_groups = n_units, n_actions, groups
        self.n_conditions, self.readout = n_conditions, readout
        self.n_dynamical = self.n_state = self.states_per_unit * n_units
        self.recurrent = self.layer()
        if self.embeddings and self.by_condition:
            raise ValueError(f"cell {self.cell!r} is fed a condition, not a vector: it cannot have an embedding")
        own = {"W_out": (n_actions, n_units // groups), "b_out": (n_actions,)} if groups else {"c": ()}
        self.shapes: Shapes = self.recurrent | own | self.embeddings
        self.parameters = tuple(self.shapes)
        self.n_parameters = sum(int(np.prod(shape)) for shape in self.shapes.values())

    @property
    def state_names(self) -> tuple[str, ...]:
        """h1, h2, ...; of a cell with a memory then c1, c2, ..."""
        parts = "hc"[: self.states_per_unit]
        return tuple(f"{part}{unit}" for part in parts for unit in range(1, self.n_units + 1))

    @classmethod
    def of(cls, task: Task, spec: dict[str, Any], dim: int, n_subjects: int = 0) -> Network:
        """The network of `dim` units that a section of the config describes.

        Args:
            n_subjects: rows of the table of subjects, if it has one; see `Sequences.n_subjects`.
        """
        return cls(**cls.arguments(task, spec, dim, n_subjects))

    @classmethod
    def arguments(cls, task: Task, spec: dict[str, Any], dim: int, n_subjects: int) -> dict[str, Any]:
        """What the task and the keys of the config mean for the constructor."""
        sizes = {"n_inputs": task.n_inputs, "n_units": dim, "n_actions": task.n_outputs}
        options = {"n_conditions": len(task.conditions), "readout": spec["readout"]}
        if spec.get("subject_embedding"):
            options |= {"n_subjects": n_subjects, "subject_width": spec["subject_embedding"]}
        return sizes | options

    def layer(self) -> Shapes:
        """Parameter shapes of the recurrent layer, in the order in which initial values are drawn."""
        raise NotImplementedError

    def initialise(self, seed: int) -> dict[str, np.ndarray]:
        """Initial parameters of one network, float64; they depend on the seed, the cell and its size alone."""
        stream = uniform_stream(seed, bound=1 / np.sqrt(self.n_units))
        values = self.initial_layer(stream, seed)
        if self.readout == "diagonal":
            values["c"] = np.ones(())
        else:
            values["W_out"] = stream(self.shapes["W_out"])
            values["b_out"] = np.zeros(self.n_actions) if self.readout == "block" else stream(self.shapes["b_out"])
        for name, shape in self.embeddings.items():
            values[name] = np.eye(*shape) if name == "E_task" else np.zeros(shape)
        return values

    def initial_layer(self, stream: Callable, seed: int) -> dict[str, np.ndarray]:
        """Initial values of the recurrent layer: U(-1/sqrt(d), 1/sqrt(d)), as torch draws them."""
        return {name: stream(shape) for name, shape in self.recurrent.items()}

    def initial_state(self, params: Parameters, n_blocks: int) -> Array:
        first = next(iter(params.values()))
        shape, device = (len(first), n_blocks, self.n_state), array_api_compat.device(first)
        return namespace(first).zeros(shape, dtype=first.dtype, device=device)

    def weighted_inputs(self, params: Parameters, sequences: Any) -> Array:
        """W_ih [x; e_task; e_subject], (replica, time point, block, gate).

        An embedding is the same at all time points of a block: what it contributes is computed once for each block.
        """
        x, weights = sequences.x, params["W_ih"]
        end = x.shape[-1]
        flat = times(weights[..., :end], x.reshape(-1, end))
        total = flat.reshape(len(flat), *x.shape[:2], -1)
        for name, (_, width) in self.embeddings.items():
            if (row := getattr(sequences, ROWS[name])) is None:
                raise ValueError(f"a network with {name} needs sequences with `{ROWS[name]}`, the row of each block")
            start, end = end, end + width
            total = total + times(weights[..., start:end], params[name][:, row])[:, None]
        return total

    def gate_inputs(self, params: Parameters, sequences: Any) -> Array:
        """What inputs contribute to the gates, biases included, (replica, time point, block, gate)."""
        return self.weighted_inputs(params, sequences) + params["b_ih"][:, None, None]

    def policy(self, params: Parameters, state: Array, cue: Cue | None = None) -> Array:
        state = state[..., : self.n_units]
        if self.readout == "diagonal":
            return along_replicas(params["c"], state) * state
        flat = state.reshape(len(state), -1, self.n_groups, self.n_units // self.n_groups)
        weights = params["W_out"].reshape(len(state), self.n_groups, self.n_actions // self.n_groups, -1)
        parts = [times(weights[:, group], flat[:, :, group]) for group in range(self.n_groups)]
        logits = namespace(state).concat(parts, axis=-1) + params["b_out"][:, None]
        return logits.reshape(*state.shape[:-1], self.n_actions)

    def prediction_error(self, state: Array, trial: Trial) -> None:
        """None: no unit is a value."""
        return None


def times(matrices: Array, vectors: Array) -> Array:
    """Matrices (replica, row, column) times vectors (replica, n, column) or, the same for all, (n, column)."""
    return vectors @ namespace(matrices).matrix_transpose(matrices)


def unstacked(x: Array) -> tuple[Array, ...]:
    """The arrays of each time point, the second dimension.

    Not by indices: the gradient of each by torch would then be an array of all time points.
    """
    return namespace(x).unstack(x, axis=1)


def sigmoid(x: Array) -> Array:
    return x.sigmoid() if array_api_compat.is_torch_array(x) else 0.5 + 0.5 * np.tanh(0.5 * x)
