"""Writes tests/golden/epoch_rules.csv: when Keras's EarlyStopping ends a training, which epoch it
keeps, and the rates that ReduceLROnPlateau sets.

  KERAS_BACKEND=torch python tools/golden/epoch_rules.py > tests/golden/epoch_rules.csv
"""

import random

import keras


class Model:
    """What the callbacks touch of a model; its weights are the number of the epoch."""

    def __init__(self, rate):
        self.stop_training = False
        self.epoch = -1
        self.restored = -1
        self.optimizer = keras.optimizers.SGD(learning_rate=rate)

    def get_weights(self):
        return self.epoch

    def set_weights(self, weights):
        self.restored = weights


def mode_of(monitor):
    """What Keras finds by itself where a model is compiled with the metric."""
    return "max" if monitor.endswith("accuracy") else "min"


def started(callback, model):
    callback.set_model(model)
    callback.on_train_begin()
    return callback


def stop(monitor, values, min_delta, patience, start):
    model = Model(1.0)
    rule = started(keras.callbacks.EarlyStopping(
        monitor=monitor, min_delta=min_delta, patience=patience, restore_best_weights=True,
        start_from_epoch=start, mode=mode_of(monitor)), model)
    epochs = 0
    for epoch, value in enumerate(values):
        model.epoch = epoch
        rule.on_epoch_end(epoch, {monitor: value})
        epochs += 1
        if model.stop_training:
            break
    rule.on_train_end()
    return epochs, model.restored


def rates(monitor, values, min_delta, patience, cooldown, factor, least):
    model = Model(1.0)
    rule = started(keras.callbacks.ReduceLROnPlateau(
        monitor=monitor, factor=factor, patience=patience, min_delta=min_delta, cooldown=cooldown,
        min_lr=least, mode=mode_of(monitor)), model)
    out = []
    for epoch, value in enumerate(values):
        rule.on_epoch_end(epoch, {monitor: value})
        out.append(float(keras.ops.convert_to_numpy(model.optimizer.learning_rate)))
    return out


def main():
    draw = random.Random(17)
    print("rule,monitor,min_delta,patience,start_or_cooldown,factor,min_rate,values,result")
    for case in range(60):
        monitor = draw.choice(["loss", "accuracy", "val_loss", "val_accuracy"])
        sign = 1 if monitor.endswith("accuracy") else -1
        value, values = 0.5, []
        for _ in range(draw.randint(1, 14)):
            value += sign * draw.choice([0.04, 0.01, 0.0, -0.02])
            values.append(round(value, 4))
        delta = draw.choice([0, 0, 0.005, 0.03])
        patience = draw.randint(0, 4)
        text = " ".join(str(v) for v in values)
        if case % 2 == 0:
            start = draw.choice([0, 0, 2, 5])
            epochs, best = stop(monitor, values, delta, patience, start)
            print(f"stop,{monitor},{delta},{patience},{start},,,{text},{epochs} {best}")
        else:
            cooldown, factor = draw.choice([0, 1, 3]), draw.choice([0.1, 0.5])
            least = draw.choice([0, 0.2])
            found = rates(monitor, values, delta, patience, cooldown, factor, least)
            result = " ".join(f"{r:.8g}" for r in found)
            rule = f"plateau,{monitor},{delta},{patience},{cooldown},{factor},{least}"
            print(f"{rule},{text},{result}")


main()
