namespace Kameo.Actors.Transport.Names.Clients;

/// <summary>What a client asks of its member. Repeating one does no harm.</summary>
internal enum NameOrderKind : byte
{
    /// <summary>Register the name, or make the registration what this says.</summary>
    Set = 1,

    /// <summary>Take the name back.</summary>
    Remove = 2,

    /// <summary>Answer when every member knows a version.</summary>
    AwaitVisible = 3,
}
