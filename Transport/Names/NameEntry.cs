namespace Kameo.Actors.Transport.Names;

/// <summary>One registration as its node wrote it.</summary>
/// <param name="Name">The name.</param>
/// <param name="Version">The writer's version at which it was written.</param>
/// <param name="Priority">How soon it was to be told.</param>
/// <param name="Metadata">Opaque bytes.</param>
internal sealed record NameEntry(string Name, ulong Version, RegistrationPriority Priority, ReadOnlyMemory<byte> Metadata)
{
    /// <summary>Most UTF-8 bytes of a name: with its space byte it is a target id.</summary>
    public const int NameBytesMax = 255;

    /// <summary>Most bytes of metadata.</summary>
    public const int MetadataBytesMax = 1024;
}
