// The moving average of a model's weights over a training, which is often better than the weights of the last step.
import * as lib from "../lib";

const { tf } = lib;

/**
 * Gives a model, when its training has ended, the exponential moving average of its weights. Batch normalization's
 * statistics belong to the last step's weights, so they are computed again.
 * @param decay how much of the average stays in each step
 * @param noisy training images
 * @param batches at most, from which the statistics are taken: they forget the old ones by a hundredth a batch
 */
export function averageWeights({
  noisy,
  batchSize,
  decay = 0.998,
  batches = 500,
}: {
  noisy: lib.Images;
  batchSize: number;
  decay?: number;
  batches?: number;
}): lib.Callback {
  let sums: lib.tf.Tensor[] = [];
  let steps = 0;
  const weightsOf = ({ model }: lib.TrainingRun) => model.trainableWeights.map((weight) => weight.read());
  const replace = (by: lib.tf.Tensor[]) => {
    tf.dispose(sums);
    sums = by;
  };
  return {
    onTrainBegin(run) {
      steps = 0;
      replace(weightsOf(run).map((weight) => tf.zerosLike(weight)));
    },
    onBatchEnd(_progress, run) {
      steps += 1;
      replace(weightsOf(run).map((weight, i) => tf.tidy(() => sums[i].mul(decay).add(weight.mul(1 - decay)))));
    },
    onTrainEnd(_history, { model }) {
      model.trainableWeights.forEach((weight, i) => {
        tf.tidy(() => {
          weight.write(sums[i].div(1 - decay ** steps));
        });
      });
      replace([]);
      const whole = Math.floor(noisy.shape[0] / batchSize);
      for (let batch = 0; batch < Math.min(batches, whole); batch++)
        tf.tidy(() => {
          const { data, shape } = lib.sliceImages(noisy, batch * batchSize, (batch + 1) * batchSize);
          model.apply(tf.tensor4d(data, [...shape]), { training: true });
        });
    },
  };
}
