namespace Forge.Errors;

/// <summary>A queue is full, or a row stays locked by somebody else: the call was refused before it changed anything.</summary>
[GenerateSerializer, Alias("forge.error.busy")]
public sealed class BusyException : ForgeException
{
    /// <summary>Makes the error; <paramref name="resource"/> names what is full or locked.</summary>
    public BusyException(string resource, string problem, Exception? innerException = null)
        : base($"{resource} {problem}; try again.", innerException) => Resource = resource;

    /// <summary>What is full or locked: <c>writer queue</c>, <c>session</c>, <c>request bodies</c>, <c>exports</c>, <c>imports</c>, <c>differences</c>, <c>streams</c>, <c>rpc connections</c>, <c>rpc calls</c>, <c>rpc connection</c> (the bytes that one holds), <c>subscriptions</c>.</summary>
    [Id(0)]
    public string Resource { get; }

    /// <inheritdoc/>
    public override string Code => "busy";

    /// <inheritdoc/>
    public override bool IsTransient => true;
}
