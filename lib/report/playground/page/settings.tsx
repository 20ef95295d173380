// What the reader chooses: the noise, and what removes it.
import { kindOf, type Noise, noiseKinds } from "./noises";

export interface NoiseSettingsProps {
  readonly noise: Noise;
  readonly onChange: (noise: Noise) => void;
  readonly levelFor: (kind: Noise["kind"]) => number;
  /** A sentence below the settings. */
  readonly remark?: string | undefined;
}

export function NoiseSettings({ noise, onChange, levelFor, remark }: NoiseSettingsProps) {
  const { level, least, most, step, seeded } = kindOf(noise);
  const choose = (kind: Noise["kind"]) => onChange({ ...noise, kind, level: levelFor(kind) });
  const reseed = (seed: number) => Number.isSafeInteger(seed) && onChange({ ...noise, seed });
  return (
    <fieldset>
      <legend>Noise</legend>
      <label class="wide">
        <span>
          Level ({level}) <output>{step < 1 ? noise.level.toFixed(2) : noise.level}</output>
        </span>
        <input
          type="range"
          min={least}
          max={most}
          step={step}
          value={noise.level}
          onInput={({ currentTarget }) => onChange({ ...noise, level: Number(currentTarget.value) })}
        />
      </label>
      <label>
        Kind
        <select value={noise.kind} onChange={({ currentTarget }) => choose(currentTarget.value as Noise["kind"])}>
          {Object.entries(noiseKinds).map(([kind, { name }]) => (
            <option key={kind} value={kind}>
              {name}
            </option>
          ))}
        </select>
      </label>
      {seeded && (
        <label>
          Seed
          <span class="row">
            <input
              type="number"
              step="1"
              value={noise.seed}
              onInput={({ currentTarget }) => currentTarget.value !== "" && reseed(Number(currentTarget.value))}
            />
            <button type="button" aria-label="Next seed" onClick={() => reseed(noise.seed + 1)}>
              Next
            </button>
          </span>
        </label>
      )}
      {remark && (
        <p class="note remark" role="status">
          {remark}
        </p>
      )}
    </fieldset>
  );
}

export interface MethodSettingsProps {
  readonly models: readonly string[];
  readonly filters: readonly string[];
  readonly chosen: string;
  readonly onChange: (method: string) => void;
}

export function MethodSettings({ models, filters, chosen, onChange }: MethodSettingsProps) {
  const group = (title: string, names: readonly string[]) => (
    <div class="row choices">
      <span class="note">{title}</span>
      {names.map((name) => (
        <label key={name} class="choice">
          <input type="radio" name="method" checked={name === chosen} onChange={() => onChange(name)} />
          {name}
        </label>
      ))}
    </div>
  );
  return (
    <fieldset>
      <legend>Denoise with</legend>
      {group(models.length === 1 ? "Trained model" : "Trained models", models)}
      {group("Classical filters", filters)}
    </fieldset>
  );
}
