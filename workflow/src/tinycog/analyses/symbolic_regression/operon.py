"""Searches by pyoperon, genetic programming in C++; each in a process of its own, `python -m` this module.

Compiled code that crashes ends its own process alone, and one that does not end is stopped. pyoperon's evaluator of
description length, of which crashes are reported, and its scikit-learn class, which always makes one, are not used.
"""

from __future__ import annotations

import json
import resource
import signal
import subprocess
import sys

import numpy as np

LONGEST = 60  # seconds of processor time after which a search is stopped; its evaluations end it long before
HANGS = 900  # seconds of the wall's clock after which it is taken to hang, however busy the machine is
POPULATION = 500
LOCAL_ITERATIONS = 3  # of the optimiser of an expression's constants, each time it is evaluated
MAX_DEPTH = 10


def search(x: np.ndarray, y: np.ndarray, *, seed: int, evaluations: int, max_length: int) -> tuple[list[str], str]:
    """Expressions of X1, X2, ..., the columns of `x`, on the front of length and squared error; and why there are none.

    Args:
        x, y: (trial, variable) and (trial,).
        max_length: nodes of an expression.
    """
    given = {"x": x.tolist(), "y": y.tolist(), "seed": seed, "evaluations": evaluations, "max_length": max_length}
    try:
        ended = subprocess.run(
            [sys.executable, "-m", __name__], input=json.dumps(given), capture_output=True, text=True, timeout=HANGS
        )
    except subprocess.TimeoutExpired:
        return [], f"the search was stopped: it had not ended after {HANGS} s"
    if ended.returncode == -signal.SIGXCPU:
        return [], f"the search was stopped after {LONGEST} s: lower analyses.symbolic_regression.evaluations"
    if ended.returncode < 0:
        return [], f"the search crashed (signal {-ended.returncode})"
    if ended.returncode:
        return [], f"the search failed: {(ended.stderr.strip() or 'no message').splitlines()[-1]}"
    return json.loads(ended.stdout), ""


def front(x: np.ndarray, y: np.ndarray, seed: int, evaluations: int, max_length: int) -> list[str]:
    """As `search`, in this process.

    All parts of the search stay bound to names until it ends: pyoperon keeps pointers to them.
    """
    import pyoperon as op

    data = op.Dataset(np.asfortranarray(np.column_stack([x, y])))
    columns = sorted(data.Variables, key=lambda variable: variable.Index)
    names = {variable.Hash: variable.Name for variable in columns[:-1]}
    inputs = list(names)
    problem = op.Problem(data)
    problem.TrainingRange, problem.TestRange = op.Range(0, data.Rows), op.Range(data.Rows - 1, data.Rows)
    problem.Target, problem.InputHashes = columns[-1], inputs
    kinds = ("Add", "Sub", "Mul", "Div", "Constant", "Variable")
    problem.ConfigurePrimitiveSet(sum(int(getattr(op.NodeType, kind)) for kind in kinds))
    primitives = problem.PrimitiveSet

    table = op.DispatchTable()
    error, length = op.Evaluator(problem, table, op.MSE(), True), op.LengthEvaluator(problem)
    both = op.MultiEvaluator(problem)
    for evaluator in (error, length):
        evaluator.Budget = evaluations
        both.Add(evaluator)
    both.Budget = evaluations

    creator = op.BalancedTreeCreator(primitives, inputs, 0.0)
    constants = op.NormalCoefficientInitializer()
    constants.ParameterizeDistribution(0, 1)
    trees = op.UniformLengthTreeInitializer(creator)
    trees.ParameterizeDistribution(primitives.FunctionArityLimits()[0] + 1, min(10, max_length))
    trees.MinDepth, trees.MaxDepth = 1, 1000
    crossover = op.SubtreeCrossover(0.9, MAX_DEPTH, max_length)
    shift = op.NormalOnePointMutation()
    shift.ParameterizeDistribution(0, 1)
    mutations = [
        shift,
        op.ChangeVariableMutation(inputs),
        op.ChangeFunctionMutation(primitives),
        op.ReplaceSubtreeMutation(creator, constants, MAX_DEPTH, max_length),
        op.InsertSubtreeMutation(creator, constants, MAX_DEPTH, max_length),
        op.RemoveSubtreeMutation(primitives),
    ]
    mutation = op.MultiMutation()
    for one in mutations:
        mutation.Add(one, 1.0)

    better = op.CrowdedComparison()
    selectors = [op.TournamentSelector(better), op.TournamentSelector(better)]
    for selector in selectors:
        selector.TournamentSize = 5
    optimiser = op.LMOptimizer(table, problem, LOCAL_ITERATIONS, 0)
    local = op.CoefficientOptimizer(optimiser)
    offspring = op.BasicOffspringGenerator(both, crossover, mutation, *selectors, local)
    reinserter, sorter = op.KeepBestReinserter(better), op.RankSorter()
    settings = op.GeneticAlgorithmConfig(
        generations=1_000_000,
        max_evaluations=evaluations,
        local_iterations=LOCAL_ITERATIONS,
        population_size=POPULATION,
        pool_size=POPULATION,
        p_crossover=1.0,
        p_mutation=0.25,
        p_local=1.0,
        p_lamarck=1.0,
        epsilon=0.0,
        seed=seed,
        max_time=sys.maxsize,  # the budget ends it: time would make results depend on the machine
    )
    search = op.NSGA2Algorithm(settings, problem, trees, constants, offspring, reinserter, sorter)
    search.Run(op.RandomGenerator(np.uint64(seed)), None, 1, False)

    found = []
    for one in search.BestFront:
        predicted = op.Evaluate(table, one.Genotype, data, problem.TrainingRange)
        scale, offset = op.FitLeastSquares(predicted, y)
        found.append(f"{scale!r}*({op.InfixFormatter.Format(one.Genotype, names, 12)}) + ({offset!r})")
    return found


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CPU, (LONGEST, LONGEST + 5))
    given = json.load(sys.stdin)
    x, y = np.array(given.pop("x")), np.array(given.pop("y"))
    json.dump(front(x, y, **given), sys.stdout)
