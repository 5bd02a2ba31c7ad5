namespace Forge.Sessions;

/// <summary>How far the erasure of a session is. The numbers travel; they never change meaning.</summary>
public enum ErasureStatus
{
    /// <summary>Nothing was ever saved under the name.</summary>
    NotFound = 0,

    /// <summary>The session is deleted and nothing of it can be read; rows of it are still being removed. Ask again.</summary>
    UnderWay = 1,

    /// <summary>No row of it is left in the tables but the one that says its name is taken.</summary>
    Erased = 2,
}
