namespace Forge.Silo.Rpc;

/// <summary>JSON-RPC over WebSocket, section <c>Forge:Rpc</c>.</summary>
public sealed class RpcOptions
{
    /// <summary>The most connections of a silo at once; 1,000 by default.</summary>
    public int Connections { get; set; } = 1000;

    /// <summary>
    /// The most calls of one connection at once, each from its arrival until its answer was sent; 1,024 by default. More are busy.
    /// </summary>
    public int CallsPerConnection { get; set; } = 1024;

    /// <summary>
    /// The most bytes that the calls of one connection and their answers hold at once; 64 MiB by default. What finds no room is busy; one
    /// larger message goes alone. They count among <c>Forge:Limits:RequestBytes</c> too.
    /// </summary>
    public long BytesPerConnection { get; set; } = 64L * 1024 * 1024;

    /// <summary>The most subscriptions of one connection; 100 by default.</summary>
    public int SubscriptionsPerConnection { get; set; } = 100;

    /// <summary>
    /// The most subscriptions of a silo, over all connections; 2,000 by default. Each may hold a batch of events that its caller does not read.
    /// </summary>
    public int Subscriptions { get; set; } = 2000;

    /// <summary>
    /// How long the next 64 KiB of what is sent may wait for the caller to read what went before; 30 s by default. Then the connection is
    /// closed with 1008.
    /// </summary>
    public TimeSpan SendTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long a connection that is being closed waits for the caller's own close; 5 s by default. A silo that stops also waits so long for
    /// the calls that it has taken.
    /// </summary>
    public TimeSpan CloseTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How often a ping is sent; 30 s by default.</summary>
    public TimeSpan KeepAliveInterval { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a ping waits for its answer before the connection counts as lost; 30 s by default.</summary>
    public TimeSpan KeepAliveTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// The origins of web pages that may connect, as <c>https://app.example</c>, beside those of the silo's own host; none by default.
    /// Programs that are no browsers name no origin, and may.
    /// </summary>
    public IList<string> AllowedOrigins { get; } = [];
}
