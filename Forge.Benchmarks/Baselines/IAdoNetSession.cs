namespace Forge.Benchmarks.Baselines;

/// <summary>A session kept in stock grain storage, as a design without a history store would.</summary>
internal interface IAdoNetSession : IGrainWithStringKey
{
    /// <summary>Saves a state and answers with its sequence.</summary>
    Task<long> CreateAsync(string message, byte[] state);

    /// <summary>How many states were saved.</summary>
    Task<long> CountAsync();

    /// <summary>One of them.</summary>
    Task<SavedState> GetAsync(long sequence);
}

/// <summary>A session with a payload row for each state and one row for the head.</summary>
internal interface ITwoStateSession : IAdoNetSession;

/// <summary>A session whose list of states is one row.</summary>
internal interface IWholeListSession : IAdoNetSession;

/// <summary>A saved state.</summary>
[GenerateSerializer, Alias("forge.benchmarks.saved-state")]
internal sealed class SavedState
{
    [Id(0)]
    public Guid Id { get; set; }

    [Id(1)]
    public long Sequence { get; set; }

    [Id(2)]
    public DateTimeOffset CreatedAt { get; set; }

    [Id(3)]
    public string Message { get; set; } = "";

    [Id(4)]
    public byte[] Checksum { get; set; } = [];

    [Id(5)]
    public byte[] State { get; set; } = [];
}
