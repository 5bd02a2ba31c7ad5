namespace Forge.Benchmarks.Measuring;

/// <summary>One of the things that a scenario compares. Rounds of a side never overlap, with its own or another's.</summary>
internal abstract class Side(string name) : IAsyncDisposable
{
    /// <summary>The name of its median in the report.</summary>
    public string Name { get; } = name;

    /// <summary>True if the runtime keeps optimising the code for a while, and figures count only after that.</summary>
    public bool IsCompiledAsItRuns { get; init; }

    /// <summary>True from the first round that counts on.</summary>
    public bool IsCounting { get; set; }

    /// <summary>Makes what the rounds need. Called once, before the warm-up.</summary>
    public virtual Task PrepareAsync() => Task.CompletedTask;

    /// <summary>Runs one round and answers with its value.</summary>
    /// <param name="duration">How long a round of a rate lasts.</param>
    public abstract Task<double> RunAsync(TimeSpan duration);

    /// <summary>Compares all that the rounds wrote with what they acknowledged. Called once, after the last round.</summary>
    /// <exception cref="Runs.ValidationException">They differ.</exception>
    public virtual Task ValidateAsync() => Task.CompletedTask;

    public virtual ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
