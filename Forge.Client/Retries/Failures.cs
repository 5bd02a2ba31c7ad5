using Forge.Errors;
using Orleans.Runtime;
using Orleans.Runtime.Messaging;

namespace Forge.Client.Retries;

/// <summary>Sorts what an attempt can fail with.</summary>
internal static class Failures
{
    /// <summary>
    /// What an attempt failed with. Orleans hides what went wrong while a session was activated in an error of its own.
    /// </summary>
    public static Exception CauseOf(Exception failure) =>
        failure is OrleansException { InnerException: ForgeException cause } ? cause : failure;

    public static FailureKind Classify(Exception failure) => failure switch
    {
        OutcomeUnknownException => FailureKind.Unknown,
        ForgeException forge => forge.IsTransient ? FailureKind.Unchanged : FailureKind.Definite,

        // The gateway turned the message away before it reached a grain.
        GatewayTooBusyException => FailureKind.Unchanged,

        // A rejection or a lost connection can follow a call that was carried out and whose answer went astray, and a
        // cancellation that nobody here asked for comes from a silo that is going down.
        TimeoutException
            or OrleansMessageRejectionException
            or ConnectionFailedException
            or OperationCanceledException
            or EnumerationAbortedException => FailureKind.Unknown,
        _ => FailureKind.Definite,
    };
}
