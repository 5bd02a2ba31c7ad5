using System.Text;
using Forge.Cli.Hosting;

namespace Forge.Cli.Commands;

/// <summary>Bytes that an option names: <c>-</c> for the standard input, <c>@FILE</c> for a file, anything else as it stands.</summary>
internal static class GivenBytes
{
    /// <summary>Reads them.</summary>
    /// <exception cref="CliException">There is no such file, or it cannot be read.</exception>
    public static async Task<byte[]> ReadAsync(string given, Surroundings surroundings, CancellationToken cancellationToken)
    {
        if (given == "-")
        {
            using var all = new MemoryStream();
            await surroundings.Input.CopyToAsync(all, cancellationToken).WaitAsync(cancellationToken);
            return all.ToArray();
        }

        if (!given.StartsWith('@'))
        {
            return Encoding.UTF8.GetBytes(given);
        }

        try
        {
            return await File.ReadAllBytesAsync(given[1..], cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new CliException(ExitCode.Usage, $"'{given[1..]}' cannot be read: {exception.Message}", "Name a file after the @, or give - for the standard input.", exception);
        }
    }
}
