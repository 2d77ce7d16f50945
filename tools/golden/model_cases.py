"""The nets of models.py: every layer type and option, odd and even sizes, channels that fill
vectors and do not."""


def layer(kind, **options):
    return {"type": kind, **options}


def conv(filters, kernel_size=3, **options):
    return layer("conv2d",
                 filters=filters,
                 kernel_size=[kernel_size] * 2 if isinstance(kernel_size, int) else kernel_size,
                 **options)


def dense(units, **options):
    return layer("dense", units=units, **options)


def residual(*body):
    return layer("residual", body=list(body))


def l1l2(l1=0.0, l2=0.0):
    return {"l1": l1, "l2": l2}


RESCALING = layer("rescaling")
RELU = layer("relu")
FLATTEN = layer("flatten")
MAX_POOL = layer("max_pooling2d")
GLOBAL_AVERAGE = layer("global_average_pooling2d")
NORM = layer("batch_normalization")

SGD = {"optimizer": "sgd", "learning_rate": 0.02}
MOMENTUM = {"optimizer": "sgd", "learning_rate": 0.01, "momentum": 0.9}
NESTEROV = MOMENTUM | {"nesterov": True}
ADAM = {"optimizer": "adam", "learning_rate": 0.001}
ADAMW = {"optimizer": "adamw", "learning_rate": 0.002, "weight_decay": 0.05}


def case(size, batch, train, *layers, classes=10):
    return {
        "input": size, "batch": batch, "train": train, "layers": list(layers), "classes": classes
    }


def classifier(size, batch, train, *layers, classes=10):
    """The layers, between a Rescaling and Flatten, Dense."""
    return case(size, batch, train, RESCALING, *layers, FLATTEN, dense(classes), classes=classes)


def seed_net(kernels):
    return (RESCALING, layer("zero_padding2d", padding=[1, 1, 1, 1]),
            conv(kernels, activation="relu"), MAX_POOL,
            conv(2 * kernels, padding="same", activation="relu"), MAX_POOL,
            FLATTEN, layer("dropout", rate=0.0),
            dense(32, activation="relu", kernel_regularizer=l1l2(l2=1e-3)),
            dense(10, kernel_regularizer=l1l2(l2=1e-3)))


CASES = {
    # Dense
    "dense_linear":
        classifier("8x8x1", 7, SGD),
    "dense_batch_1":
        classifier("8x8x1", 1, ADAM, FLATTEN, dense(24, activation="relu")),
    "dense_regularized":
        case("8x8x1", 16, ADAM, RESCALING, FLATTEN,
             dense(33, activation="relu", kernel_regularizer=l1l2(1e-3, 1e-2)),
             dense(10, kernel_regularizer=l1l2(l2=1e-2))),
    "dense_no_bias_softmax":
        case("8x8x1",
             2,
             MOMENTUM,
             RESCALING,
             FLATTEN,
             dense(16, use_bias=False),
             RELU,
             dense(3, use_bias=False, activation="softmax"),
             classes=3),
    "dense_two_classes":
        classifier("9x7x1", 7, NESTEROV, FLATTEN, dense(5, activation="relu"), classes=2),
    # Convolutions: padding, stride, kernel and channel counts
    "conv_valid_1_to_5":
        classifier("9x9x1", 2, SGD, conv(5, activation="relu")),
    "conv_same_1_to_8":
        classifier("8x8x1", 7, ADAM, conv(8, padding="same", activation="relu")),
    "conv_5x5_same_stride_2_even":
        classifier("10x10x3", 2, SGD, conv(16, 5, strides=[2, 2], padding="same")),
    "conv_5x5_same_stride_2_odd":
        classifier("11x11x1", 2, SGD, conv(8, 5, strides=[2, 2], padding="same",
                                           activation="relu")),
    "conv_3x3_same_stride_2_even":
        classifier("12x12x1", 2, ADAM, conv(16, activation="relu"),
                   conv(24, strides=[2, 2], padding="same", activation="relu")),
    "conv_3x3_valid_stride_2":
        classifier("11x10x3", 7, MOMENTUM, conv(16, strides=[2, 2], activation="relu"),
                   conv(8, strides=[2, 2], activation="relu")),
    "conv_2x2_same":
        classifier("7x7x1", 2, SGD, conv(16, 2, padding="same", activation="relu"),
                   conv(33, 2, padding="same", strides=[2, 2], activation="relu")),
    "conv_2x2_valid_stride_2":
        classifier("9x8x1", 7, ADAM, conv(16, 2, strides=[2, 2], activation="relu"), conv(5, 2)),
    "conv_1x1":
        classifier("6x6x3", 7, ADAM, conv(16, 1, activation="relu"), conv(33, 1, activation="relu"),
                   MAX_POOL),
    "conv_1x1_stride_2":
        classifier("9x9x1", 2, SGD, conv(16, activation="relu"),
                   conv(24, 1, strides=[2, 2], padding="same")),
    "conv_rectangular":
        classifier("9x12x3", 2, ADAM,
                   conv(8, [3, 2], strides=[1, 2], padding="same", activation="relu"),
                   conv(5, [1, 3], strides=[2, 1])),
    "conv_no_bias":
        classifier("8x8x3", 7, NESTEROV, conv(16, use_bias=False, padding="same"), RELU, MAX_POOL,
                   conv(33, use_bias=False, activation="relu")),
    "conv_33_to_5":
        classifier("7x7x1", 16, ADAM, conv(33, activation="relu"), conv(5, activation="relu")),
    "conv_regularized":
        classifier("8x8x1", 7, SGD, conv(8, activation="relu", kernel_regularizer=l1l2(1e-3, 1e-2)),
                   conv(16, kernel_regularizer=l1l2(l2=1e-2), activation="relu")),
    "conv_raw_bytes":
        case("8x8x1", 2, {"optimizer": "sgd", "learning_rate": 1e-7}, conv(16, activation="relu"),
             FLATTEN, dense(10)),
    # Padding and rescaling as layers
    "zero_padding_uneven":
        classifier("6x7x1", 2, ADAM, layer("zero_padding2d", padding=[0, 1, 2, 3]),
                   conv(8, activation="relu"), layer("zero_padding2d", padding=[1, 0, 0, 2]),
                   conv(5)),
    "rescaling_offset":
        case("8x8x3", 7, ADAM, layer("rescaling", scale=1 / 127.5, offset=-1.0),
             layer("zero_padding2d", padding=[1, 1, 1, 1]), conv(5, activation="relu"), MAX_POOL,
             FLATTEN, dense(10)),
    # Pooling
    "max_pool_odd":
        classifier("9x9x1", 7, SGD, conv(8, 2, activation="relu", padding="same"), MAX_POOL,
                   conv(16, 2), MAX_POOL),
    "max_pool_3_stride_2_same":
        classifier("8x9x1", 2, ADAM, conv(16),
                   layer("max_pooling2d", pool_size=[3, 3], strides=[2, 2], padding="same")),
    "max_pool_3_stride_1_same":
        classifier("7x7x3", 2, SGD, conv(5),
                   layer("max_pooling2d", pool_size=[3, 3], strides=[1, 1], padding="same")),
    "average_pool_odd":
        classifier("9x9x1", 7, ADAM, conv(8, 2, padding="same", activation="relu"),
                   layer("average_pooling2d"), conv(24, 2)),
    "average_pool_3_stride_2_same":
        classifier("8x9x1", 2, SGD, conv(16),
                   layer("average_pooling2d", pool_size=[3, 3], strides=[2, 2], padding="same")),
    "average_pool_2_same_odd":
        classifier("9x9x3", 7, MOMENTUM, conv(5), layer("average_pooling2d", padding="same")),
    "global_max":
        case("8x8x1", 7, ADAM, RESCALING, conv(24), layer("global_max_pooling2d"), dense(10)),
    "global_average_last":
        case("8x8x3", 2, ADAM, RESCALING, conv(16, activation="relu"), conv(10, 1), GLOBAL_AVERAGE),
    # Batch normalisation
    "norm":
        classifier("7x7x1", 16, SGD, conv(8, use_bias=False), NORM),
    "norm_relu":
        classifier("8x8x3", 7, ADAM, conv(5, use_bias=False),
                   layer("batch_normalization", momentum=0.9, epsilon=1e-5), RELU,
                   conv(16, use_bias=False), NORM, RELU),
    "norm_after_dense":
        case("8x8x1", 16, ADAMW, RESCALING, FLATTEN, dense(16, use_bias=False), NORM, RELU,
             dense(10)),
    # Other activations, as layers and of layers
    "leaky_relu":
        classifier("8x8x1", 7, MOMENTUM, conv(8), layer("leaky_relu"), conv(5),
                   layer("leaky_relu", negative_slope=0.1)),
    "elu":
        classifier("8x8x1", 7, ADAM, conv(8, activation="elu"), layer("elu", alpha=0.5), FLATTEN,
                   dense(19, activation="elu"), layer("elu")),
    "silu":
        classifier("8x8x3", 7, ADAM, conv(16), layer("silu"), conv(5, 1), layer("silu")),
    "gelu":
        classifier("8x8x1", 7, MOMENTUM, conv(5, use_bias=False), NORM, layer("gelu"), conv(17),
                   layer("gelu"), GLOBAL_AVERAGE),
    "gelu_approximate":
        classifier("8x8x1", 7, ADAM, conv(8), layer("gelu", approximate=True), FLATTEN, dense(19),
                   layer("gelu", approximate=True)),
    "activations_of_conv2d":
        classifier("12x12x3", 2, SGD, conv(5, activation="leaky_relu"),
                   conv(8, padding="same", activation="silu"), layer("average_pooling2d"),
                   conv(16, activation="gelu"), conv(7, 1, activation="gelu_approximate")),
    "activations_of_dense":
        classifier("8x8x1", 7, SGD, FLATTEN, dense(33, activation="leaky_relu"),
                   dense(24, activation="silu"), dense(17, activation="gelu"),
                   dense(16, activation="gelu_approximate")),
    "gelu_residual":
        classifier("6x6x1", 7, ADAM, conv(16),
                   residual(conv(16, padding="same", activation="gelu"), NORM, layer("silu")),
                   GLOBAL_AVERAGE),
    # Skips
    "residual":
        classifier(
            "6x6x1", 7, ADAM, conv(16, use_bias=False), NORM, RELU,
            residual(conv(16, padding="same", use_bias=False), NORM, RELU,
                     conv(16, padding="same", use_bias=False), NORM), RELU, GLOBAL_AVERAGE),
    "residual_nested":
        classifier("6x6x3", 2, MOMENTUM, conv(5, activation="relu"),
                   residual(conv(5, padding="same", activation="relu"), residual(conv(5, 1),
                                                                                 RELU))),
    # Loss and optimizers on whole nets
    "label_smoothing":
        classifier("8x8x1", 7, ADAM | {"label_smoothing": 0.1}, conv(8, activation="relu"),
                   MAX_POOL),
    "adamw":
        classifier("8x8x1", 7, ADAMW, conv(8, activation="relu"), MAX_POOL),
    "adam_other_betas":
        classifier("8x8x3", 2, {
            "optimizer": "adam", "learning_rate": 0.003, "beta_1": 0.8, "beta_2": 0.98,
            "epsilon": 1e-3
        }, conv(16, activation="relu"), MAX_POOL),
    "seed_5":
        case("12x12x1", 7, ADAM, *seed_net(5)),
    "seed_5_batch_1":
        case("12x12x1", 1, ADAM, *seed_net(5)),
    "seed_16":
        case("12x12x1", 16, ADAM, *seed_net(16)),
    "seed_3_colour":
        case("14x14x3", 2, NESTEROV, *seed_net(3)),
}
