using System.Net.Http.Json;
using System.Text.Json;
using Forge.Benchmarks.Appending;
using Forge.Benchmarks.Measuring;
using Forge.Benchmarks.Runs;
using Forge.Benchmarks.Silos;
using HttpSilo = Forge.Testing.Processes.SiloProcess;

namespace Forge.Benchmarks.Reads;

/// <summary>Callers that get the newest checkpoint of a session each over HTTP, with its state, of a silo in a process of its own.</summary>
/// <param name="name">The name.</param>
/// <param name="callers">How many callers, and sessions.</param>
/// <param name="states">The states, which are JSON.</param>
/// <param name="settings">The silo's settings.</param>
internal sealed class HttpReads(string name, int callers, StatePool states, SiloSettings settings) : Side(name)
{
    private readonly byte[][] _expected = new byte[callers][];
    private HttpSilo? _silo;

    public override async Task PrepareAsync()
    {
        _silo = await HttpSilo.StartAsync(settings.Arguments());
        for (var i = 0; i < callers; i++)
        {
            using var state = JsonDocument.Parse(states.State(i));
            using var created = await _silo.Client.PostAsJsonAsync(
                $"v1/sessions/{i}/checkpoints", new { message = StatePool.Message(i), state = state.RootElement });
            created.EnsureSuccessStatusCode();
            _expected[i] = await ReadAsync(i);
            using var answer = JsonDocument.Parse(_expected[i]);
            if (answer.RootElement.GetProperty("message").GetString() != StatePool.Message(i)
                || !JsonElement.DeepEquals(answer.RootElement.GetProperty("state"), state.RootElement))
            {
                throw new ValidationException(Name, $"session {i} is not what was saved");
            }
        }
    }

    public override Task<double> RunAsync(TimeSpan duration) => Callers.RateAsync(callers, duration, async caller =>
        (await ReadAsync(caller)).AsSpan().SequenceEqual(_expected[caller])
            ? 1
            : throw new ValidationException(Name, $"session {caller} has become another"));

    public override async ValueTask DisposeAsync()
    {
        if (_silo is not null)
        {
            await _silo.DisposeAsync();
        }

        await base.DisposeAsync();
    }

    private Task<byte[]> ReadAsync(int session) =>
        _silo!.Client.GetByteArrayAsync(new Uri($"v1/sessions/{session}/checkpoints/latest", UriKind.Relative));
}
