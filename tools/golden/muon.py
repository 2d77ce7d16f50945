"""Writes tests/golden/muon.csv: a matrix after five steps of Keras's Muon.

  KERAS_BACKEND=torch python tools/golden/muon.py > tests/golden/muon.csv    # Keras >= 3.12
"""

import keras
import numpy as np


def wave(count, frequency):
    return np.sin(frequency * np.arange(1, count + 1)).astype(np.float32)


def main():
    print("rows,columns,momentum,weight_decay,weights")
    for rows, columns, momentum, decay in [(4, 6, 0.95, 0), (9, 3, 0.6, 0.1), (40, 33, 0.9, 0.01)]:
        # Keras's matrices have a column for each output; Muon does not care.
        matrix = keras.Variable(wave(rows * columns, 0.37).reshape(rows, columns))
        optimizer = keras.optimizers.Muon(learning_rate=0.01, momentum=momentum,
                                          weight_decay=decay or None)
        for step in range(5):
            gradient = wave(rows * columns, 0.9 + 0.31 * step).reshape(rows, columns)
            optimizer.apply_gradients([(keras.ops.convert_to_tensor(gradient), matrix)])
        values = np.asarray(keras.ops.convert_to_numpy(matrix)).ravel()
        print(f"{rows},{columns},{momentum},{decay},{' '.join(f'{v:.7g}' for v in values)}")


main()
