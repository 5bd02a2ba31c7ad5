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
}
