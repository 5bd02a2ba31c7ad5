namespace Forge.History.Stores;

/// <summary>The database would acknowledge commits that a crash can lose.</summary>
/// <param name="setting">The database's setting.</param>
/// <param name="value">What it is.</param>
/// <param name="wanted">What it has to be.</param>
public sealed class UnsafeDurabilityException(string setting, string value, string wanted) : Exception(
    $"The database has {setting} = {value}; Forge acknowledges only what is durable and wants {wanted}. " +
    "Set Forge:AllowUnsafeDurability=true to run all the same.")
{
    /// <summary>The database's setting.</summary>
    public string Setting { get; } = setting;

    /// <summary>What it is.</summary>
    public string Value { get; } = value;
}

/// <summary>The schema was changed by a newer Forge in a way that this one cannot work with.</summary>
/// <param name="oldest">The oldest schema level that a binary must know.</param>
/// <param name="known">The level that this binary knows.</param>
public sealed class SchemaTooNewException(int oldest, int known) : Exception(
    $"The database wants a Forge that knows schema level {oldest} or later; this one knows {known}. Run a newer Forge.")
{
    /// <summary>The oldest schema level that a binary must know.</summary>
    public int Oldest { get; } = oldest;

    /// <summary>The level that this binary knows.</summary>
    public int Known { get; } = known;
}

/// <summary>Another process has the embedded database open.</summary>
/// <param name="path">The folder.</param>
/// <param name="innerException">What the lock said.</param>
public sealed class DatabaseInUseException(string path, Exception? innerException) : Exception(
    $"The embedded database in {path} is in use by another silo. SQLite serves one silo: stop that one, give this one a " +
    "folder of its own with Forge:Data, or use PostgreSQL for several silos.", innerException)
{
    /// <summary>The folder.</summary>
    public string Path { get; } = path;
}
