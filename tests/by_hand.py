"""Every cognitive model once more, one trial at a time in plain Python, written from the equations of the catalogue.

`agent(task, model, p)` has `first()`, the utilities u of the first choice, and `update`; in the original two-stage task
also `second(state)`. It shares nothing with the library but the names of models and parameters.
"""

import math


def probabilities(u):
    """Softmax, the maximum subtracted first."""
    weights = [math.exp(x - max(u)) for x in u]
    return [weight / sum(weights) for weight in weights]


def log_likelihood(probability):
    """With the guard (methods: policy and likelihood)."""
    return math.log(0.5e-200 + (1 - 1e-200) * probability)


def sigma(i, x):
    return 1.0 if i == x else -1.0


class Baseline:
    def __init__(self, p, **_):
        self.u = [math.log(1 - p["p"]), math.log(p["p"])]

    def first(self):
        return self.u

    def update(self, a, s, r):
        pass


class Bayes:
    """LS0, LS0p and LS1."""

    def __init__(self, p, g, **_):
        self.p, self.g, self.B, self.X = p, g, 0.5, [0.0, 0.0]

    def first(self):
        return [self.p["beta"] * (1 - self.B + self.X[0]), self.p["beta"] * (self.B + self.X[1])]

    def update(self, a, s, r):
        rate, kappa = self.p.get("alpha_X", 0.0), self.p.get("kappa", 0.0)
        self.X = [(1 - rate) * self.X[i] + rate * kappa * sigma(i, a) for i in (0, 1)]
        if s == 1:
            l1, l0 = (self.g, 1 - self.g) if r == 1 else (1 - self.g, self.g)
        else:
            l1, l0 = (1 - self.g, self.g) if r == 1 else (self.g, 1 - self.g)
        l0 *= self.p.get(f"w_{s}", 1.0)
        posterior = l1 * self.B / (l1 * self.B + l0 * (1 - self.B))
        h = self.p["h"]
        self.B = (1 - h) * posterior + h * (1 - posterior)


class Section4:
    """Value models of reversal learning and of the reduced two-stage task."""

    def __init__(self, p, name, common, **_):
        self.p, self.name, self.common = p, name, common
        start = 0.5 if name == "MBf" else 0.0
        self.V = {0: start, 1: start}
        self.Q = {0: 0.0, 1: 0.0}
        self.X = {0: 0.0, 1: 0.0}
        self.shown = {0: 0.0, 1: 0.0}  # MBsah: the trace used for the next choice
        self.Z = {(i, s, r): 0.0 for i in (0, 1) for s in (0, 1) for r in (0, 1)}
        self.cue = (0, 0)
        self.last = 0

    def M(self, i):
        return self.common * self.V[i] + (1 - self.common) * self.V[1 - i]

    def first(self):
        name, p = self.name, self.p
        if name in ("MFs", "Q(1)", "Q(0)", "MBsvlr", "MBsflr"):
            values = [self.Q[i] for i in (0, 1)]
        elif name == "MF0sp":
            values = [self.Q[i] + self.X[i] for i in (0, 1)]
        elif name in ("MB0p", "MB1p", "MB0mdp"):
            values = [self.M(i) + self.X[i] for i in (0, 1)]
        elif name in ("MBsah", "MBsah_carried"):
            values = [self.Q[i] + self.shown[i] for i in (0, 1)]
        elif name == "MXs":
            values = [(1 - p["w"]) * self.Q[i] + p["w"] * self.M(i) for i in (0, 1)]
        elif name == "RC":
            values = [self.Z[i, self.cue[0], self.cue[1]] for i in (0, 1)]
        elif name == "CK":
            return [self.X[0], self.X[1]]
        else:
            values = [self.M(i) for i in (0, 1)]
        return [p["beta"] * value for value in values]

    def update(self, a, s, r):
        p, name, V, Q = self.p, self.name, self.V, self.Q
        other = 1 - s
        if name in ("MFs", "MF0sp"):
            for i in (0, 1):
                Q[i] = (1 - p["alpha"]) * Q[i] + p["alpha"] * r * sigma(i, a)
        elif name in ("MB0s", "MB0se"):
            paid = 2 * r - 1 if name == "MB0se" else r
            for j in (0, 1):
                V[j] = (1 - p["alpha"]) * V[j] + p["alpha"] * paid * sigma(j, s)
        elif name == "MXs":
            for i in (0, 1):
                Q[i] = (1 - p["alpha_Q"]) * Q[i] + p["alpha_Q"] * r * sigma(i, a)
                V[i] = (1 - p["alpha_V"]) * V[i] + p["alpha_V"] * r * sigma(i, s)
        elif name in ("MB0", "MB0p"):
            V[s] = (1 - p["alpha"]) * V[s] + p["alpha"] * r
        elif name in ("MB1", "MB1p"):
            V[s] = (1 - p["alpha"]) * V[s] + p["alpha"] * r
            V[other] = p["D"] * V[other]
        elif name == "Q(1)":
            Q[a] = (1 - p["alpha"]) * Q[a] + p["alpha"] * r
        elif name == "Q(0)":
            old = V[s]
            V[s] = (1 - p["alpha"]) * V[s] + p["alpha"] * r
            Q[a] = (1 - p["alpha"]) * Q[a] + p["alpha"] * old
        elif name == "MBf":
            V[s] = (1 - p["alpha"]) * V[s] + p["alpha"] * r
            for j in (0, 1):
                V[j] = (1 - p["phi"]) * V[j] + p["phi"] * 0.5
        elif name == "MB0off":
            V[s] = (1 - p["alpha"]) * V[s] + p["alpha"] * (r + p["rho"])
        elif name == "MB0m":
            if r == 1:
                V[s] = (1 - p["alpha_1"]) * V[s] + p["alpha_1"]
            else:
                V[0], V[1] = (1 - p["alpha_0"]) * V[0], (1 - p["alpha_0"]) * V[1]
        elif name in ("MB0md", "MB0mdnb", "MB0mdp"):
            if r == 1:
                V[s] = p["D_1"] * V[s] + 1
                V[other] = V[other] - p.get("b", 0.0)
            else:
                V[s] = (1 - p["alpha_0"]) * V[s] + p["alpha_0"] * V[other]
        elif name == "RC":
            key = (a, *self.cue)
            self.Z[key] = (1 - p["alpha"]) * self.Z[key] + p["alpha"] * r
            self.cue = (s, int(r))
        elif name != "CK":
            self.retired(a, s, r)
        if "alpha_X" in p and not name.startswith("MBsah"):
            for i in (0, 1):
                self.X[i] = (1 - p["alpha_X"]) * self.X[i] + p["alpha_X"] * p["kappa"] * sigma(i, a)

    def retired(self, a, s, r):
        p, common = self.p, a == s
        u = {(True, 1): 1.0, (True, 0): 0.0, (False, 1): 0.0, (False, 0): p["u_rare0"]}[common, r]
        if self.name == "MBsvlr":
            alpha = p["alpha_same"] if a == self.last else p["alpha_switch"]
        elif self.name == "MBsflr":
            alpha = p["alpha_same"]
        else:
            alpha = p["alpha"]
        for i in (0, 1):
            self.Q[i] = (1 - alpha) * self.Q[i] + alpha * u * sigma(i, a)
        self.last = a
        if self.name.startswith("MBsah"):
            for i in (0, 1):
                if (common and r == 0) or (not common and r == 1):
                    self.shown[i] = (1 - p["alpha_X"]) * self.X[i] + p["alpha_X"] * p["kappa"] * sigma(i, a)
                else:
                    self.shown[i] = self.X[i]
                if self.name == "MBsah_carried":
                    self.X[i] = self.shown[i]


class Akam:
    """5."""

    def __init__(self, p, name, **_):
        core, tags = name.split("_bs_rb_")
        self.core, self.tags, self.p, get = core, tags.split("_"), p, p.get
        self.Q, self.V, self.T = [0.0, 0.0], [0.0, 0.0], [0.5, 0.5]
        self.P = {(i, k): 0.0 for i in (0, 1) for k in (0, 1)}
        self.E, self.C = 0.0, [0.0, 0.0]
        self.t, self.a, self.s = 1, None, 0
        one = {"alpha_T": get("alpha_T", 0.0), "f_T": get("f_T", 0.0), "lambda": get("lambda", 0.0)}
        if core in ("MF", "MF_dec"):
            f = p["f"] if core == "MF_dec" else 0.0
            one |= {"alpha_Q": p["alpha"], "alpha_V": p["alpha"], "f_Q": f, "f_V": f}
        elif core in ("MB", "MB_dec"):
            one |= {"alpha_V": p["alpha_V"], "f_V": get("f_V", 0.0)}
        elif core == "moMF_MB_dec":
            one |= {key: p[key] for key in ("alpha_P", "f_P", "alpha_V", "f_V")}
        else:
            f = get("f_Q", 0.0)
            one |= {"alpha_Q": p["alpha_Q"], "alpha_V": p["alpha_Q"], "alpha_P": p["alpha_Q"]}
            one |= {"f_Q": f, "f_V": f, "f_P": f}
        if core == "MF_moMF_MB_dec":
            one |= {"alpha_P": p["alpha_P"], "f_P": p["f_P"]}
        self.rates = {key: one.get(key, 0.0) for key in ("alpha_Q", "alpha_P", "f_Q", "f_P")} | one

    def first(self):
        p, core = self.p, self.core
        kappa = [0.0, p["b_bias"]]
        if self.t > 1:
            kappa[1] += p["k_rot"] * (self.s - 0.5)
            if "ck" in self.tags:
                kappa[1] += p["k_c"] * (self.a - 0.5)
            if "ec" in self.tags:
                kappa[1] += p["k_E"] * self.E
            if "mc" in self.tags:
                kappa[1] += p["k_C"] * self.C[self.s]
        u = []
        for i in (0, 1):
            Q, M, P = self.Q[i], self.T[i] * self.V[1] + (1 - self.T[i]) * self.V[0], self.P[i, self.s]
            if core in ("MF", "MF_dec"):
                u.append(p["beta"] * (Q + kappa[i]))
            elif core in ("MB", "MB_dec"):
                u.append(p["beta"] * (M + kappa[i]))
            elif core in ("MF_MB", "MF_MB_vdec", "MF_MB_dec"):
                u.append(p["G_Q"] * Q + p["G_M"] * M + kappa[i])
            elif core == "MFmoMF_dec":
                u.append(p["beta"] * ((1 - p["w_P"]) * Q + p["w_P"] * P + kappa[i]))
            elif core == "MFmoMF_MB":
                u.append(p["G_Q"] * ((1 - p["w_P"]) * Q + p["w_P"] * P) + p["G_M"] * M + kappa[i])
            elif core == "moMF_MB_dec":
                u.append(p["G_P"] * P + p["G_M"] * M + kappa[i])
            else:
                u.append(p["G_Q"] * Q + p["G_P"] * P + p["G_M"] * M + kappa[i])
        return u

    def update(self, a, s, r):
        rate, p, k = self.rates, self.p, self.s
        G = (1 - rate["lambda"]) * self.V[s] + rate["lambda"] * r
        self.Q[a] = (1 - rate["alpha_Q"]) * self.Q[a] + rate["alpha_Q"] * G
        self.Q[1 - a] *= 1 - rate["f_Q"]
        for i, j in self.P:
            if (i, j) == (a, k):
                self.P[i, j] = (1 - rate["alpha_P"]) * self.P[i, j] + rate["alpha_P"] * G
            else:
                self.P[i, j] *= 1 - rate["f_P"]
        self.V[s] = (1 - rate["alpha_V"]) * self.V[s] + rate["alpha_V"] * r
        self.V[1 - s] *= 1 - rate["f_V"]
        self.T[a] = (1 - rate["alpha_T"]) * self.T[a] + rate["alpha_T"] * s
        self.T[1 - a] = (1 - rate["f_T"]) * self.T[1 - a] + rate["f_T"] * 0.5
        if "ec" in self.tags:
            self.E = (1 - p["alpha_E"]) * self.E + p["alpha_E"] * (a - 0.5)
        if "mc" in self.tags:
            self.C[k] = (1 - p["alpha_C"]) * self.C[k] + p["alpha_C"] * (a - 0.5)
        self.t, self.a, self.s = self.t + 1, a, s


class Bandit:
    """6."""

    def __init__(self, p, name, n_actions, **_):
        self.p, self.name = p, name
        self.Q, self.X = [0.0] * n_actions, [0.0] * n_actions

    def first(self):
        return [self.p["beta"] * (q + x) for q, x in zip(self.Q, self.X, strict=True)]

    def update(self, a, s, r):
        p, name, Q = self.p, self.name, self.Q
        for i in range(len(Q)):
            if name in ("MF", "MFD", "MFDp"):
                Q[i] = (1 - p["alpha"]) * Q[i] + p["alpha"] * r if i == a else p.get("D", 1.0) * Q[i]
            elif name == "MFLb":
                kind, word = ("D_c", "u_c") if i == a else ("D_u", "u_u")
                Q[i] = p[kind] * Q[i] + (p[word + "0"] if r == 0 else p[word + "1"])
            else:
                eta_c, eta_u = {
                    "MFLabs": lambda: (p["eta_c"], p["eta_u"]),
                    "MFL": lambda: (0.5, -0.5),
                    "MFL_tied": lambda: (p["alpha_c"], -p["alpha_u"]),
                }[name]()
                if i == a:
                    Q[i] = (1 - p["alpha_c"]) * Q[i] + eta_c * (r - p["rho_c"])
                else:
                    Q[i] = (1 - p["alpha_u"]) * Q[i] + eta_u * (r - p["rho_u"])
        if name == "MFDp":
            self.X = [(1 - p["alpha_X"]) * x for x in self.X]
            self.X[a] += p["kappa"]


class OriginalTwoStage:
    """7."""

    def __init__(self, p, name, common, **_):
        self.p, self.name, self.common = p, name, common
        self.Q, self.W = {0: 0.0, 1: 0.0}, {(s, c): 0.0 for s in (0, 1) for c in (0, 1)}
        self.firsts = []  # first actions so far

    def first(self):
        p, name = self.p, self.name.removesuffix("_lag1")
        if not self.firsts:
            return [0.0, 0.0]
        w = {"MF": 0.0, "MFs": 0.0, "MFsr": 0.0, "MB": 1.0, "MBs": 1.0}.get(name, p.get("w"))
        Y = {j: max(self.W[j, 0], self.W[j, 1]) for j in (0, 1)}
        N = {i: (1 - w) * self.Q[i] + w * (self.common * Y[i] + (1 - self.common) * Y[1 - i]) for i in (0, 1)}
        if "kappa" in p:
            if self.name.endswith("_lag1"):
                repeated = self.firsts[-1]
            else:
                repeated = self.firsts[-2] if len(self.firsts) > 1 else 0
            N[repeated] += p["kappa"]
        return [p["beta_1"] * N[i] for i in (0, 1)]

    def second(self, s):
        return [self.p["beta_2"] * self.W[s, c] for c in (0, 1)]

    def update(self, a, s, c, r):
        p, Q, W = self.p, self.Q, self.W
        self.firsts.append(a)
        if self.name == "MFsr":
            Q[a] = (1 - p["alpha_1"]) * Q[a] + p["alpha_1"] * (1 if r == 1 else p["nu_1"])
            Q[1 - a] = -Q[a]
            W[s, c] = (1 - p["alpha_2"]) * W[s, c] + p["alpha_2"] * (1 if r == 1 else -p["nu_2"])
            W[s, 1 - c] = -W[s, c]
            W[1 - s, c] = (1 - p["alpha_2"]) * W[1 - s, c] + p["alpha_2"] * (p["omega"] if r == 1 else -p["omega"])
            W[1 - s, 1 - c] = -W[1 - s, c]
            return
        G = (1 - p.get("lambda", 0.0)) * W[s, c] + p.get("lambda", 0.0) * r
        alpha_1 = p.get("alpha_1", 0.0)
        if self.name in ("MFs", "MBs", "MXs"):
            for i in (0, 1):
                Q[i] = (1 - alpha_1) * Q[i] + alpha_1 * G * sigma(i, a)
            for k in (0, 1):
                W[s, k] = (1 - p["alpha_2"]) * W[s, k] + p["alpha_2"] * r * sigma(k, c)
        else:
            Q[a] = (1 - alpha_1) * Q[a] + alpha_1 * G
            W[s, c] = (1 - p["alpha_2"]) * W[s, c] + p["alpha_2"] * r


# p, the probability of a common transition, and g, that of a reward in the better state (4, 7)
CONSTANTS = {"two_stage": (0.8, 0.8), "original_two_stage": (0.7, None)}


def agent(task, name, p, n_actions=2):
    """The model `name` of the task, before the first trial of a block."""
    common, g = CONSTANTS.get(task, (1.0, 0.7))
    if name == "BAS":
        kind = Baseline
    elif name in ("LS0", "LS0p", "LS1"):
        kind = Bayes
    elif task == "original_two_stage":
        kind = OriginalTwoStage
    elif "_bs_rb_" in name:
        kind = Akam
    elif n_actions > 2 or name in ("MFDp", "MF", "MFD"):
        kind = Bandit
    else:
        kind = Section4
    return kind(p=p, name=name, common=common, g=g, n_actions=n_actions)
