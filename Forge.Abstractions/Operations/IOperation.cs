namespace Forge.Operations;

/// <summary>What every operation says of itself, whatever it is answered with.</summary>
public interface IOperation
{
    /// <summary>
    /// Its one name: the <c>operationId</c> of its route, and what it is remembered and told of by. It is that of its type
    /// with a small first letter, as in <c>restoreCheckpoint</c>.
    /// </summary>
    string Name => NameOf(GetType());

    /// <summary>True if it changes the session.</summary>
    bool Changes { get; }

    /// <summary>The name of an operation, from the type of its input.</summary>
    static string NameOf(Type operation)
    {
        ArgumentNullException.ThrowIfNull(operation);
        return char.ToLowerInvariant(operation.Name[0]) + operation.Name[1..];
    }

    /// <summary>
    /// What a caller over HTTP has to be allowed, from the type of the input: what its <see cref="RequiresScopeAttribute"/> says, else
    /// <see cref="AccessScope.Write"/> for a <see cref="Change{TResult}"/> and <see cref="AccessScope.Read"/> for the rest.
    /// </summary>
    /// <param name="operation">The type of the input.</param>
    static AccessScope ScopeOf(Type operation)
    {
        ArgumentNullException.ThrowIfNull(operation);
        return Attribute.GetCustomAttribute(operation, typeof(RequiresScopeAttribute)) is RequiresScopeAttribute { Scope: var scope } ? scope
            : IsChange(operation) ? AccessScope.Write : AccessScope.Read;
    }

    private static bool IsChange(Type? type) => type is not null
        && ((type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Change<>)) || IsChange(type.BaseType));
}
