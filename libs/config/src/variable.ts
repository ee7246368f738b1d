import 'reflect-metadata';

const VARIABLES = Symbol('ecluse:variables');

/** One environment variable of a configuration class. */
export interface Variable {
  /** `ECLUSE_*`. */
  name: string;
  property: string;
  /** The variable holds the path of a 0600 file; the property gets the file's trimmed content. */
  secretFile: boolean;
}
export type ConfigClass<T extends object> = new () => T;

/** Binds a property to an environment variable. Defaults are the property's initialiser. */
export function FromEnv(name: string): PropertyDecorator {
  return define(name, false);
}

/** Binds a property to the content of the file that the variable (`*_FILE`) names. Such a property is a secret. */
export function FromSecretFile(name: string): PropertyDecorator {
  return define(name, true);
}

function define(name: string, secretFile: boolean): PropertyDecorator {
  return (target, property) => {
    const Class = target.constructor;
    const inherited = (Reflect.getMetadata(VARIABLES, Class) as Variable[] | undefined) ?? [];
    Reflect.defineMetadata(
      VARIABLES,
      [...inherited, { name, property: String(property), secretFile }],
      Class,
    );
  };
}

/** The variables of a configuration class, inherited ones first. */
export function variablesOf<T extends object>(Class: ConfigClass<T>): Variable[] {
  return (Reflect.getMetadata(VARIABLES, Class) as Variable[] | undefined) ?? [];
}
