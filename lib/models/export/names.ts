// Names of layers as names that another format takes. tfjs lets them have letters, digits and -_./

/** @returns for each of the names, which are unique, what `change` makes of it, numbered where that is not unique */
export function changedNames(names: readonly string[], change: (name: string) => string): Map<string, string> {
  const taken = new Set<string>();
  return new Map(
    names.map((name) => {
      const base = change(name);
      let result = base;
      for (let i = 2; taken.has(result); i++) result = `${base}_${i}`;
      taken.add(result);
      return [name, result];
    }),
  );
}

/** For Keras, which takes no /. */
export const kerasName = (name: string): string => name.replaceAll("/", "_");

/** A variable of the generated Python file, and an attribute of its `torch.nn.Module`. */
export function pythonName(name: string): string {
  const word = name.replace(/\W/g, "_").replace(/^(?![a-zA-Z])/, "layer_");
  return reserved.has(word) ? `${word}_` : word;
}

/** Words of Python, what the generated file uses, and attributes of `torch.nn.Module`. */
const reserved = new Set(
  `False None True and as assert async await break class continue def del elif else except finally for from global if
  import in is lambda nonlocal not or pass raise return try while with yield self x F nn torch pad_same WindowAttention load folder
  apply bfloat16 buffers children compile cpu cuda double eval extra_repr float forward half ipu modules mtia
  named_buffers named_children named_modules named_parameters parameters register_buffer register_module
  register_parameter requires_grad_ share_memory state_dict load_state_dict to to_empty train training type xpu
  zero_grad add_module get_buffer get_parameter get_submodule set_submodule T_destination dump_patches
  call_super_init`.split(/\s+/),
);
