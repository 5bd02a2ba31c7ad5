namespace Forge.Grains.Hosting;

/// <summary>Something else listens on a port that the silo was told to listen on.</summary>
/// <param name="setting">The setting that names the port.</param>
/// <param name="port">The port.</param>
/// <param name="innerException">What the operating system said.</param>
public sealed class PortInUseException(string setting, int port, Exception? innerException) : Exception(
    $"Port {port} is in use by another process, perhaps another silo: set {setting} to another one, or to 0 for any free one.",
    innerException)
{
    /// <summary>The setting that names the port.</summary>
    public string Setting { get; } = setting;

    /// <summary>The port.</summary>
    public int Port { get; } = port;
}
