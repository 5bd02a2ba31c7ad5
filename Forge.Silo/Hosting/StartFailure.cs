using Forge.Errors;
using Forge.Grains.Hosting;
using Forge.Grains.OrleansStorage;
using Forge.History.Stores;
using Forge.Silo.Security;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;

namespace Forge.Silo.Hosting;

/// <summary>Says in a sentence why the silo did not start.</summary>
internal static class StartFailure
{
    /// <summary>The sentence; for a failure that nobody foresaw, all there is to know.</summary>
    public static string Explain(Exception exception) => exception switch
    {
        OptionsValidationException e => string.Join(' ', e.Failures),
        DatabaseInUseException or UnsafeDurabilityException or SchemaTooNewException or DatabaseTooOldException
            or PortInUseException or ExposedException => exception.Message,
        ForgeException { IsTransient: false } => exception.Message,
        UnavailableException or System.Data.Common.DbException => WithCause(exception),
        IOException { InnerException: AddressInUseException } => $"{exception.Message} Set --urls to another address.",
        UnauthorizedAccessException or IOException or FormatException => exception.Message,

        // What the configuration binder says of a value that it cannot turn into the setting's type.
        InvalidOperationException { InnerException: FormatException or ArgumentException } => WithCause(exception),
        _ => exception.ToString(),
    };

    private static string WithCause(Exception exception)
    {
        var cause = exception.GetBaseException();
        return cause == exception || exception.Message.Contains(cause.Message, StringComparison.Ordinal)
            ? exception.Message
            : $"{exception.Message} ({cause.Message})";
    }
}
