using System.Collections.Frozen;
using Forge.Errors;
using Forge.Operations;

namespace Forge.Grains.Sessions;

/// <summary>The handlers that there are: every class of this assembly that is one, by the type of its input.</summary>
internal static class OperationHandlers
{
    private static readonly FrozenDictionary<Type, IOperationHandler> ByInput = Find().ToFrozenDictionary(handler => handler.Input);

    /// <exception cref="InvalidRequestException">There is no operation, or none that this silo knows.</exception>
    public static OperationHandler<TResult> For<TResult>(Operation<TResult> operation) =>
        operation is null ? throw new InvalidRequestException("operation", "must be given")
        : ByInput.TryGetValue(operation.GetType(), out var handler) ? (OperationHandler<TResult>)handler
        : throw new InvalidRequestException("operation", $"{((IOperation)operation).Name} is not known");

    private static IEnumerable<IOperationHandler> Find() => typeof(OperationHandlers).Assembly.GetTypes()
        .Where(type => !type.IsAbstract && type.IsAssignableTo(typeof(IOperationHandler)))
        .Select(type => (IOperationHandler)Activator.CreateInstance(type)!);
}
