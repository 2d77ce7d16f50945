"""Keras on TensorFlow as a peer in training, as compiled graphs without and with jit_compile (XLA).

train_on_batch with NumPy batches is its fastest way here: 4,850 images/s for seed:32 in f32 and
7,200 in bf16, where fit() gives 3,170 and 6,250, with steps_per_execution=8 too. ONEDNN_VERBOSE=1
shows what mixed_bfloat16 runs: all convolutions forward and backward and the poolings in
avx512_core_bf16.
"""

import os

import serve

ARGS = serve.arguments()
os.environ.update(KERAS_BACKEND="tensorflow", TF_CPP_MIN_LOG_LEVEL="2", CUDA_VISIBLE_DEVICES="-1")

import keras  # noqa: E402
import tensorflow as tf  # noqa: E402
from keras import layers  # noqa: E402


def seed(kernels):
    l2 = keras.regularizers.L2(1e-4)
    return [
        layers.ZeroPadding2D(1),
        layers.Conv2D(kernels, 3, activation="relu"),
        layers.MaxPooling2D(),
        layers.Conv2D(2 * kernels, 3, padding="same", activation="relu"),
        layers.MaxPooling2D(),
        layers.Flatten(),
        layers.Dropout(0.4),
        layers.Dense(128, activation="relu", kernel_regularizer=l2),
        layers.Dense(serve.CLASSES, kernel_regularizer=l2, dtype="float32")
    ]


def air(kernels):
    net = []
    for width, pooled in [(1, True), (2, False), (2, True), (4, False), (4, False)]:
        net += [
            layers.Conv2D(width * kernels, 3, padding="same", use_bias=False),
            layers.BatchNormalization(epsilon=1e-5, momentum=0.9),
            layers.ReLU()
        ]
        net += [layers.MaxPooling2D()] if pooled else []
    return net + [layers.GlobalMaxPooling2D(), layers.Dense(serve.CLASSES, dtype="float32")]


class Training:
    def __init__(self, jit, policy="float32"):
        keras.utils.set_random_seed(0)
        keras.config.set_dtype_policy(policy)
        self.batch = ARGS.batches[0]
        body = (seed if ARGS.net == "seed" else air)(ARGS.kernels)
        self.net = keras.Sequential([keras.Input((28, 28, 1)), layers.Rescaling(1 / 255), *body])
        self.net.compile(optimizer=keras.optimizers.Adam(1e-3), jit_compile=jit, run_eagerly=False,
                         loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))
        images, labels = serve.random_images()
        self.images, self.labels = images[..., None], labels
        self.rows = serve.Shuffled(self.batch)

    def step(self):
        rows = self.rows()
        return self.net.train_on_batch(self.images[rows], self.labels[rows])

    def check(self):
        rows, losses = self.rows(), []
        for _ in range(serve.CHECK_STEPS):
            # train_on_batch returns their mean since; test_on_batch would use moving averages.
            self.net.reset_metrics()
            losses.append(self.net.train_on_batch(self.images[rows], self.labels[rows]))
        return serve.check_falls(losses)

    def run(self, seconds):
        return {"train": serve.throughput(self.step, self.batch, seconds)}


def main():
    tf.config.threading.set_intra_op_parallelism_threads(ARGS.threads)
    tf.config.threading.set_inter_op_parallelism_threads(ARGS.threads)
    serve.serve("Keras", f"{keras.__version__} on TensorFlow {tf.__version__}", {
        "graph": ("f32", lambda: Training(jit=False)),
        "graph+mixed": ("bf16", lambda: Training(jit=False, policy="mixed_bfloat16")),
        "jit": ("f32", lambda: Training(jit=True)),
    })


if __name__ == "__main__":
    main()
