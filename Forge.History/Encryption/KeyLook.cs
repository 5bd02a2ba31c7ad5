namespace Forge.History.Encryption;

/// <summary>How the keys came to be at hand that something in a transaction is opened by.</summary>
internal enum KeyLook
{
    /// <summary>They are held since earlier.</summary>
    Held = 0,

    /// <summary>They were read for this, before the transaction: a number that is not among them may be that of a key which was made in between.</summary>
    Read = 1,

    /// <summary>They were read since the number was met that is not among them: it is none.</summary>
    Sure = 2,
}
