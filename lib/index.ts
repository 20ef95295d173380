// Public API: everything that a notebook or a script needs. `lib/notebook` adds what only a notebook needs.

export { type Calibration, calibrateFilter, denoiseInvariant, type InvariantOptions } from "./classical/calibration";
export { correctClipping, meanOfClipped } from "./classical/clipping";
export { gaussianFilter, meanFilter } from "./classical/linear";
export { medianFilter } from "./classical/median";
export { type NonLocalMeansOptions, nonLocalMeans } from "./classical/non-local-means";
export { totalVariation } from "./classical/total-variation";
export {
  bestClassical,
  type ClassicalMethod,
  type TuningImages,
  type TuningOptions,
  tuneClassical,
} from "./classical/tuning";
export type { FileOrBytes, ImageFormat, ImageInfo } from "./data/image-file";
export {
  type ImageFolder,
  type ImageFolderOptions,
  imageFolder,
  type PictureFile,
  type PictureSet,
  readPictures,
} from "./data/image-folder";
export { type Images, type LabelledImages, selectImages, sliceImages } from "./data/images";
export { type ImageWriter, type OpenImage, openImage } from "./data/large-image";
export { loadMnist, type Mnist, type MnistOptions } from "./data/mnist";
export { drawPatches, type ImageSource, type PatchOptions, patches } from "./data/patches";
export { loadPhotographs, type Photographs } from "./data/photographs";
export { type Picture, readImage, type WriteImageOptions, writeImage } from "./data/picture";
export type { Region } from "./data/pixel-file";
export { tf, useNativeTraining } from "./engine";
export { accuracy } from "./evaluation/accuracy";
export { type Comparison, compare, type ScoredMethod, trainingTable } from "./evaluation/comparison";
export { type Evaluated, evaluate, evaluationTable, type Method, scoreRow, trainedMethod } from "./evaluation/evaluate";
export type { Machine } from "./evaluation/machine";
export { digestsOf, type ModelCardOptions, modelCard, type TestScores } from "./evaluation/model-card";
export { modelSummary } from "./evaluation/model-summary";
export { type LevelMethod, type NoiseLevelScores, scoreLevels } from "./evaluation/noise-levels";
export {
  type Optimality,
  type OptimalityOptions,
  type OptimalityRow,
  optimality,
  optimalityTable,
  optimalityText,
} from "./evaluation/optimality";
export {
  type DenoisedPicture,
  type EvaluatedPictures,
  type EvaluatePicturesOptions,
  evaluatePictures,
  type PictureMethod,
  pictureScoreTable,
  regionOfDetail,
} from "./evaluation/pictures";
export { provenanceTable } from "./evaluation/provenance";
export { residualTable } from "./evaluation/residual-table";
export {
  loadResults,
  loadTrained,
  type NotebookRun,
  outputFolder,
  type Parameters,
  type Results,
  type RunCard,
  type RunData,
  saveResults,
} from "./evaluation/results";
export { type SavedRun, saveRun } from "./evaluation/save-run";
export {
  differenceTable,
  digitTable,
  formatDifference,
  formatInterval,
  type ScoreRow,
  scoreTable,
} from "./evaluation/score-tables";
export { dataTable, settingsTable } from "./evaluation/settings-tables";
export { type Table, tableHtml, tableMarkdown, tableText } from "./evaluation/table";
export { architecture, type Drawing } from "./figures/architecture";
export {
  type CloseUpMethod,
  type CloseUps,
  closeUps,
  closeUpsHtml,
  type LabelledPicture,
} from "./figures/close-ups";
export { comparisonGrid, type GridRow, type ImageGroups } from "./figures/comparison-grid";
export type { Figure } from "./figures/figure";
export { learningRateCurve } from "./figures/learning-rate";
export { noiseLevelFigure } from "./figures/noise-levels";
export { type PictureGrid, type PictureRow, pictureGridHtml } from "./figures/picture-grid";
export { type ResidualPanelOptions, residualPanel } from "./figures/residual-panel";
export { type ScoresOfMethod, scoreDistributions } from "./figures/score-distributions";
export { staticSvg } from "./figures/static-svg";
export { trainingCurves, type UnfinishedTraining } from "./figures/training-curves";
export { type DenoiseOptions, denoise } from "./inference/denoise";
export {
  type DenoiseRegionsOptions,
  denoiseRegions,
  type RegionSink,
  type RegionSource,
} from "./inference/denoise-regions";
export { checkFit, chooseModel, estimatedRange, type ModelFitOptions } from "./inference/model-choice";
export { withOwnPixels } from "./inference/own-pixel";
export { denoiseAugmented, fiveShifts, type Shift } from "./inference/test-time-augmentation";
export { bootstrapMean, type Interval, pairedDifference } from "./metrics/bootstrap";
export { mae, mse } from "./metrics/errors";
export { imageSsim } from "./metrics/image-ssim";
export { type PsnrOptions, psnr } from "./metrics/psnr";
export { type ResidualStatistics, residualStatistics } from "./metrics/residual";
export {
  type ImageScores,
  pairedDifferences,
  type Scores,
  scoreImages,
  summarize,
  summarizeByDigit,
} from "./metrics/scores";
export { type SsimOptions, ssim } from "./metrics/ssim";
export { type WorstMedianBest, worstMedianBest } from "./metrics/worst-median-best";
export type { CardNoise, CardScore, ModelCard } from "./models/card";
export { type ExportOptions, exportModel } from "./models/export/export-model";
export type { ExportFormat } from "./models/export/formats";
export { kerasFile } from "./models/export/keras";
export { onnxFile } from "./models/export/onnx";
export { type PytorchExport, pytorchFiles } from "./models/export/pytorch";
export { loadModel, loadModelAndCard, saveModel } from "./models/files";
export type { ImageSizeOptions } from "./models/image-size";
export { loadPretrained, type PretrainedModel, pretrainedModels } from "./models/pretrained";
export { type AxisField, type ReceptiveField, receptiveField } from "./models/receptive-field";
export { type SimpleAutoencoderOptions, simpleAutoencoder } from "./models/simple-autoencoder";
export { type UnetOptions, unet } from "./models/unet";
export { type BlockQuantizationOptions, blockQuantization } from "./noise/block-quantization";
export { type CorrelatedGaussianOptions, correlatedGaussian } from "./noise/correlated";
export { type EstimateOptions, estimateSigma } from "./noise/estimate";
export { type GaussianOptions, gaussian } from "./noise/gaussian";
export {
  type NoiseKind,
  type NoiseLevel,
  type NoiseSettings,
  noiseKinds,
  noiseModel,
  noiseName,
} from "./noise/kinds";
export { type LaplaceOptions, laplace } from "./noise/laplace";
export { type ImageLevels, withLevelMap } from "./noise/level-map";
export { inSequence, type NoiseDraw, type NoiseModel } from "./noise/noise-model";
export { type PoissonGaussianOptions, type PoissonOptions, poisson, poissonGaussian } from "./noise/poisson";
export { type RicianOptions, rician } from "./noise/rician";
export { type SaltAndPepperOptions, saltAndPepper } from "./noise/salt-and-pepper";
export { type SpeckleOptions, speckle } from "./noise/speckle";
export { type UniformNoiseOptions, uniformNoise } from "./noise/uniform";
export { Random } from "./random";
export {
  type EarlyStoppingOptions,
  earlyStopping,
  type ReduceLearningRateOptions,
  reduceLROnPlateau,
  type StopOnRequestOptions,
  stopOnRequest,
  type WarmUpThenDecayOptions,
  warmUpThenDecay,
} from "./training/callbacks";
export type { CheckpointOptions } from "./training/checkpoint";
export type {
  BatchSource,
  Examples,
  NdArray,
  NoiseOfImages,
  NoisyImages,
  OnlineNoise,
  Pairs,
  TrainingData,
} from "./training/data";
export { type DigitClassifierOptions, trainDigitClassifier } from "./training/digit-classifier";
export { type FitOptions, fit } from "./training/fit";
export type { Validation } from "./training/held-out";
export { binaryCrossentropy, logMseAndSsim } from "./training/losses";
export { type CheckedParameters, type Choice, checkParameters } from "./training/parameters";
export { type PatchRecipe, photographRecipe } from "./training/photograph-recipe";
export {
  chooseRecipe,
  fitByRecipe,
  type Recipe,
  type RecipeData,
  type RecipeFitOptions,
  type RecipeName,
  recipes,
} from "./training/recipes";
export type { Supervision } from "./training/supervision";
export { type TerminalProgressOptions, terminalProgress } from "./training/terminal-progress";
export type { Callback, CallbackState, Epoch, History, Progress, TrainingRun } from "./training/training-run";
