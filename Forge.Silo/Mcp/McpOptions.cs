namespace Forge.Silo.Mcp;

/// <summary>Tools for models at <c>/mcp</c>, section <c>Forge:Mcp</c>.</summary>
public sealed class McpOptions
{
    /// <summary>
    /// The most bytes of JSON that a tool answers with, and a resource has; 32 KiB by default, 8 KiB to 4 MiB. What is larger is answered
    /// in parts, with a cursor, or in outline.
    /// </summary>
    public int AnswerBytes { get; set; } = 32 * 1024;

    /// <summary>The most bytes of a request, 4 KiB or more; 4 MiB by default. A state that is larger is created over HTTP.</summary>
    public int RequestBytes { get; set; } = 4 * 1024 * 1024;

    /// <summary>
    /// The most bytes that what tools are answered by holds at once in a silo; 128 MiB by default. What finds no room is busy; one larger
    /// state goes alone. What is told of a long text counts once, and takes some times as much for a moment. They count among <c>Forge:Limits:RequestBytes</c> too.
    /// </summary>
    public long Bytes { get; set; } = 128L * 1024 * 1024;

    /// <summary>
    /// The origins of web pages that may call, as <c>https://app.example</c>, beside those of the silo's own address; none by default. The silo
    /// answers no preflight: that is the proxy's that serves such a page. Programs that are no browsers name no origin, and may.
    /// </summary>
    public IList<string> AllowedOrigins { get; } = [];

    /// <summary>
    /// The names that a silo which listens on this machine alone may be called by, as <c>forge.example</c> behind a proxy, beside addresses and
    /// <c>localhost</c>; none by default.
    /// </summary>
    public IList<string> AllowedHosts { get; } = [];
}
