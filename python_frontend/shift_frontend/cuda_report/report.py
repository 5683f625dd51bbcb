# SPDX-License-Identifier: Apache-2.0
"""The report as Markdown, as JSON and as a picture."""
from statistics import median

from .classes import CLASSES
from .gpus import gpus
from .roofline import BANDWIDTH_SHARE, PEER_SHARE, PEERS, predict_peer

#: A kernel keeps to its strategy's minimum if it needs at most so many times
#: the instructions.
RATIO_BOUND = 1.2


def _table(head, rows, left=1):
    """Markdown; the first `left` columns are text."""
    rules = ["---"] * left + ["---:"] * (len(head) - left)
    lines = [head, rules, *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def _ratios(facts):
    """{strategy: ratios of its kernels}"""
    result = {}
    for one in facts.values():
        if one.loop and one.minimum:
            result.setdefault(one.kernel.strategy, []).append(one.ratio)
    return result


def _summary(analyses):
    strategies = sorted({s for facts in analyses.values()
                         for s in _ratios(facts)})
    rows = []
    for arch, facts in analyses.items():
        resources = [one.resources for one in facts.values()]
        ratios = _ratios(facts)
        rows.append([
            arch, len(facts), max(r.registers for r in resources),
            max(r.shared + one.kernel.dynamic_shared
                for r, one in zip(resources, facts.values())),
            sum(r.spills > 0 for r in resources),
            sum(r.stack > 0 for r in resources),
            *(f"{median(ratios[s]):.2f} ({max(ratios[s]):.2f})"
              if s in ratios else "" for s in strategies)])
    head = ["architecture", "kernels", "most registers", "most shared bytes",
            "kernels that spill", "with local memory",
            *(f"{s}: ratio, median (most)" for s in strategies)]
    return _table(head, rows)


def _tile(kernel):
    return "x".join(map(str, kernel.tile))


def _names(names):
    more = f" and {len(names) - 1} more" if len(names) > 1 else ""
    return f"`{names[0]}`{more}"


def _resource_rows(facts):
    """One row for kernels of a strategy that need the same."""
    groups = {}
    for one in facts.values():
        resources = one.resources
        cells = (one.kernel.threads, resources.registers,
                 resources.shared + one.kernel.dynamic_shared,
                 resources.spills, resources.stack, f"{one.occupancy:.0%}")
        groups.setdefault((one.kernel.strategy, *cells),
                          []).append(one.kernel.name)
    for (strategy, *cells), names in sorted(groups.items()):
        yield [strategy, _names(names), *cells]


def _number(value):
    return f"{value:.3f}".rstrip("0").rstrip(".") if value else ""


def _loop_rows(facts):
    """One row for kernels whose loops are alike."""
    groups = {}
    for one in facts.values():
        if not one.loop:
            continue
        cells = [_tile(one.kernel), one.kernel.threads,
                 *(_number(one.loop.classes[c] / one.macs) for c in CLASSES),
                 _number(one.per_mac) + ("*" if one.loop.has_unknown else ""),
                 _number(one.minimum),
                 f"{one.ratio:.2f}" if one.minimum else ""]
        names = groups.setdefault((one.kernel.strategy, *cells), [])
        names.append(one.kernel.name)
    for cells, names in sorted(groups.items(), key=lambda g: (g[0][0], g[1])):
        yield [cells[0], _names(names), *cells[1:]]


def _kernels(arch, facts):
    parts = [f"### {arch}: instructions of the inner loop a "
             "multiply-accumulate", "",
             _table(["strategy", "kernels", "tile", "threads", *CLASSES, "all",
                     "minimum", "ratio"], _loop_rows(facts), left=3)]
    if any(one.loop and one.loop.has_unknown for one in facts.values()):
        parts += ["", "\\* It has loops in it whose runs are not known; they "
                  "are counted once."]
    straight = [one.kernel.name for one in facts.values() if not one.loop
                and any(step.macs for step in one.kernel.steps)]
    if straight:
        parts += ["", "Of one step, so without a loop: " +
                  ", ".join(f"`{name}`" for name in straight) + "."]
    parts += ["", f"### {arch}: resources", "",
              _table(["strategy", "kernels", "threads", "registers",
                      "shared bytes", "spilled bytes", "local bytes",
                      "occupancy"], _resource_rows(facts), left=2)]
    return parts


def _microseconds(seconds):
    return f"{seconds * 1e6:.1f}"


def _layer_name(step):
    return step.layer or step.op


def _prediction(program, predictions):
    by_name = {gpu.name: gpu for gpu in gpus()}
    layers = [step for step in program.steps if step.macs]
    rows = []
    for name, steps in predictions.items():
        total = sum(p.seconds for p in steps)
        convolutions = sum(p.seconds for p, step in zip(steps, program.steps)
                           if step.macs)
        peers = [sum(predict_peer(step, by_name[name], size)
                     for step in layers) for size in PEERS.values()]
        rows.append([name, _microseconds(total), _microseconds(convolutions),
                     *map(_microseconds, peers)])
    slowest = sorted(range(len(program.steps)), reverse=True,
                     key=lambda i: sum(steps[i].seconds
                                       for steps in predictions.values()))[:10]
    details = [[_layer_name(program.steps[i]), f"`{program.steps[i].kernel}`",
                *(f"{_microseconds(steps[i].seconds)} ({steps[i].bound})"
                  for steps in predictions.values())] for i in slowest]
    return ["## Predicted, not measured", "",
            "Microseconds, one stream; the model and its numbers stand in "
            "`cuda_report/roofline.py` and `GPUTable.inc`. Of cuDNN what its "
            "convolutions could take at best: the slower of "
            f"{PEER_SHARE:.0%} of the data sheet's tensor rate and "
            f"{BANDWIDTH_SHARE:.0%} of its bandwidth.", "",
            _table(["GPU", "network", "its convolutions", *PEERS], rows), "",
            "The ten slowest launches:", "",
            _table(["layer", "kernel", *predictions], details, left=2)]


def markdown(source, program, analyses, predictions, detailed):
    """The tables; those of each kernel for the architectures in `detailed`."""
    parts = [f"## Kernels of `{source}`", "", _summary(analyses)]
    for arch, facts in analyses.items():
        if arch in detailed:
            parts += ["", *_kernels(arch, facts)]
    if predictions:
        parts += ["", *_prediction(program, predictions)]
    return "\n".join(parts) + "\n"


def as_object(program, analyses, predictions):
    """The same for programs."""
    def of_kernel(one):
        result = {"strategy": one.kernel.strategy, "tile": one.kernel.tile,
                  "threads": one.kernel.threads,
                  "registers": one.resources.registers,
                  "shared_bytes": one.resources.shared +
                  one.kernel.dynamic_shared,
                  "spilled_bytes": one.resources.spills,
                  "local_bytes": one.resources.stack,
                  "occupancy": one.occupancy}
        if one.loop:
            result.update({
                "macs_per_iteration": one.macs,
                "instructions": dict(one.loop.classes),
                "multiplications_of_data":
                    [str(i) for i in one.loop.multiplications],
                "per_mac": one.per_mac, "minimum": one.minimum,
                "ratio": one.ratio})
        return result

    by_name = {gpu.name: gpu for gpu in gpus()}
    return {
        "kernels": {arch: {name: of_kernel(one) for name, one in facts.items()}
                    for arch, facts in analyses.items()},
        "predicted_seconds": {
            name: [{"layer": step.layer, "kernel": step.kernel,
                    "seconds": p.seconds, "bound": p.bound,
                    **({peer: predict_peer(step, by_name[name], size)
                        for peer, size in PEERS.items()} if step.macs else {})}
                   for step, p in zip(program.steps, steps)]
            for name, steps in predictions.items()}}


def plot(program, predictions, path):
    """Bars of each convolution: ours and cuDNN's, a picture a GPU."""
    import matplotlib
    matplotlib.use("Agg")
    from matplotlib import pyplot

    by_name = {gpu.name: gpu for gpu in gpus()}
    layers = [i for i, step in enumerate(program.steps) if step.macs]
    figure, all_axes = pyplot.subplots(
        len(predictions), 1, sharex=True, squeeze=False,
        figsize=(max(8, len(layers) * 0.22), 3 * len(predictions)))
    for axes, (name, steps) in zip(all_axes[:, 0], predictions.items()):
        bars = {"this program": [steps[i].seconds for i in layers]}
        for peer, size in PEERS.items():
            bars[peer] = [predict_peer(program.steps[i], by_name[name], size)
                          for i in layers]
        width = 0.8 / len(bars)
        for number, (label, seconds) in enumerate(bars.items()):
            axes.bar([i + number * width for i in range(len(layers))],
                     [s * 1e6 for s in seconds], width, label=label)
        axes.set_title(f"{name}: predicted, not measured")
        axes.set_ylabel("microseconds")
        axes.legend()
    all_axes[-1, 0].set_xticks(
        range(len(layers)), [_layer_name(program.steps[i]) for i in layers],
        rotation=90, fontsize=6)
    figure.tight_layout()
    figure.savefig(path)
