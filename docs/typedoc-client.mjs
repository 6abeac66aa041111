// A TypeDoc plugin. The types of Client's methods are mapped from those of Corr2d. TypeDoc documents
// them as functions of `...args` without a comment, so this copies the parameters and the comments.
import {
  Converter,
  IntersectionType,
  ParameterReflection,
  ReferenceType,
  ReflectionFlag,
  ReflectionKind,
} from 'typedoc';

/** @param {import('typedoc').Application} app */
export function load(app) {
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    const kinds = ReflectionKind.Class | ReflectionKind.Interface | ReflectionKind.TypeAlias;
    const types = project.getReflectionsByKind(kinds);
    /** @type {(name: string) => import('typedoc').DeclarationReflection} */
    const find = (name) => {
      const type = types.find((one) => one.name === name);
      if (!type?.isDeclaration()) throw new Error(`the reference has no ${name}`);
      return type;
    };
    /** @type {(name: string, args?: import('typedoc').SomeType[]) => ReferenceType} */
    const reference = (name, args) => {
      const type = ReferenceType.createResolvedReference(name, find(name), project);
      if (args) type.typeArguments = args;
      return type;
    };
    const signatures = (/** @type {string} */ name) =>
      (find(name).children ?? []).flatMap((method) => method.signatures ?? []);
    const withKeep = (/** @type {ReferenceType} */ options) =>
      new IntersectionType([options, reference('KeepOptions')]);
    const sources = new Map(signatures('Corr2d').map((one) => [one.name, one]));

    for (const signature of signatures('Client')) {
      const source = sources.get(signature.name);
      if (signature.comment || !source) continue;
      signature.comment = source.comment?.clone();
      for (const parameter of signature.parameters ?? []) project.removeReflection(parameter);
      const add = (
        /** @type {string} */ name,
        /** @type {import('typedoc').SomeType | undefined} */ type,
        /** @type {boolean} */ isOptional,
      ) => {
        const parameter = new ParameterReflection(name, ReflectionKind.Parameter, signature);
        if (type) parameter.type = type;
        parameter.setFlag(ReflectionFlag.Optional, isOptional);
        project.registerReflection(parameter, undefined, undefined);
        signature.parameters = [...(signature.parameters ?? []), parameter];
      };
      let hasOptions = false;
      for (const { name, type, flags, defaultValue } of source.parameters ?? []) {
        hasOptions = name === 'options';
        const own = hasOptions && type ? withKeep(reference('RemoteOptions', [type])) : type;
        add(name, own, flags.isOptional || defaultValue !== undefined);
      }
      if (!hasOptions) add('options', withKeep(reference('CallOptions')), true);
    }
  });
}
