using System.Net.Http.Headers;
using Forge.Benchmarks.Runs;
using Forge.Benchmarks.Silos;
using Forge.Benchmarks.Validation;
using HttpSilo = Forge.Testing.Processes.SiloProcess;

namespace Forge.Benchmarks.Appending;

/// <summary>Forge over HTTP: callers that post the bytes of a state each to a silo in a process of its own.</summary>
/// <param name="name">The name.</param>
/// <param name="silo">The silo.</param>
/// <param name="settings">Its settings.</param>
/// <param name="shape">How many sessions and callers.</param>
/// <param name="states">The states.</param>
internal sealed class HttpAppend(string name, HttpSilo silo, SiloSettings settings, Shape shape, StatePool states) : CallerSide(name, shape, states)
{
    private static readonly MediaTypeHeaderValue Bytes = new("application/octet-stream");

    public override async Task ValidateAsync()
    {
        // By a client of the same silo, which looks at what the callers of the other way leave too.
        await using var forge = await RemoteForge.ConnectAsync(settings, [silo.GatewayPort]);
        for (var i = 0; i < Shape.Sessions; i++)
        {
            await SessionCheck.RunAsync(Name, forge.Client.Session($"{i}"), Acknowledged[i], States.Matches);
        }
    }

    protected override async Task AppendAsync(int session, string message, byte[] state)
    {
        using var content = new ByteArrayContent(state) { Headers = { ContentType = Bytes } };
        var address = new Uri($"v1/sessions/{session}/checkpoints?message={Uri.EscapeDataString(message)}", UriKind.Relative);
        using var answer = await silo.Client.PostAsync(address, content);
        answer.EnsureSuccessStatusCode();
    }
}
