using Mono.Cecil;
using Mono.Cecil.Cil;

namespace Forge.Grains.Tests.Architecture;

/// <summary>Which types a type of a compiled assembly uses: in its signatures, its attributes and the bodies of its methods.</summary>
internal static class TypeUses
{
    /// <summary>Every type that is named anywhere in a type, with those that it is nested around; some more than once.</summary>
    public static IEnumerable<TypeReference> Of(TypeDefinition type)
    {
        IEnumerable<TypeReference> own =
        [
            .. type.BaseType is null ? [] : new[] { type.BaseType },
            .. type.Interfaces.Select(i => i.InterfaceType),
            .. Attributes(type.CustomAttributes),
            .. type.GenericParameters.SelectMany(Constraints),
            .. type.Fields.SelectMany(field => Attributes(field.CustomAttributes).Prepend(field.FieldType)),
            .. type.Properties.SelectMany(property => Attributes(property.CustomAttributes).Prepend(property.PropertyType)),
            .. type.Methods.SelectMany(Of),
            .. type.NestedTypes.SelectMany(Of),
        ];
        return own.SelectMany(Parts);
    }

    private static IEnumerable<TypeReference> Of(MethodDefinition method) =>
    [
        method.ReturnType,
        .. method.Parameters.Select(parameter => parameter.ParameterType),
        .. method.GenericParameters.SelectMany(Constraints),
        .. Attributes(method.CustomAttributes),
        .. method.HasBody ? Of(method.Body) : [],
    ];

    private static IEnumerable<TypeReference> Of(MethodBody body) =>
    [
        .. body.Variables.Select(variable => variable.VariableType),
        .. body.ExceptionHandlers.Where(handler => handler.CatchType is not null).Select(handler => handler.CatchType),
        .. body.Instructions.SelectMany(instruction => instruction.Operand switch
        {
            MethodReference method => Of(method),
            FieldReference field => [field.DeclaringType, field.FieldType],
            TypeReference type => [type],
            _ => (IEnumerable<TypeReference>)[],
        }),
    ];

    private static IEnumerable<TypeReference> Of(MethodReference method) =>
    [
        method.DeclaringType,
        method.ReturnType,
        .. method.Parameters.Select(parameter => parameter.ParameterType),
        .. method is GenericInstanceMethod generic ? generic.GenericArguments : [],
    ];

    private static IEnumerable<TypeReference> Attributes(IEnumerable<CustomAttribute> attributes) =>
        attributes.SelectMany(attribute => attribute.ConstructorArguments.Select(argument => argument.Value).OfType<TypeReference>()
            .Prepend(attribute.AttributeType));

    private static IEnumerable<TypeReference> Constraints(GenericParameter parameter) =>
        parameter.Constraints.Select(constraint => constraint.ConstraintType);

    /// <summary>A type and the types that it is made of.</summary>
    private static IEnumerable<TypeReference> Parts(TypeReference? type) => type switch
    {
        null or GenericParameter => [],
        GenericInstanceType generic => [generic.ElementType, .. generic.GenericArguments.SelectMany(Parts)],
        TypeSpecification made => Parts(made.ElementType),
        _ => [type],
    };
}
