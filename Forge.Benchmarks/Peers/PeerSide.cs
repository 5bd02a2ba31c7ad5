using System.Globalization;
using Forge.Benchmarks.Measuring;

namespace Forge.Benchmarks.Peers;

/// <summary>A peer's program, which measures its own rounds and checks what it saved.</summary>
internal sealed class PeerSide(string name, PeerProgram program) : Side(name)
{
    public override async Task<double> RunAsync(TimeSpan duration)
    {
        var answer = await program.AskAsync(string.Create(CultureInfo.InvariantCulture, $"{{\"seconds\": {duration.TotalSeconds}}}"));
        return answer.GetProperty("rate").GetDouble();
    }

    public override Task ValidateAsync() => program.AskAsync("");

    public override async ValueTask DisposeAsync()
    {
        await program.DisposeAsync();
        await base.DisposeAsync();
    }
}
