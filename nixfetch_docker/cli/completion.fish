# Completion of nixfetch-docker in fish. A test compares it with the command line.

# Whether the command is one of $argv. Options may stand before it, some of them with a value.
function __nixfetch_docker_command
    set -l words (commandline -opc)
    set -e words[1]
    while string match --quiet -- '-*' "$words[1]"
        if contains -- "$words[1]" $__nixfetch_docker_valued
            set -e words[1]
        end
        set -e words[1]
    end
    contains -- "$words[1]" $argv
end

function __nixfetch_docker_needs_command
    __nixfetch_docker_command ''
end

function __nixfetch_docker_names
    nixfetch-docker image-names (commandline -cp) 2>/dev/null
end

set -g __nixfetch_docker_valued --ca-file --compose-json --credentials-file --digest --env-file --file --html --jobs --manifest --name --output --platform --policy --registries --registry --since --size --store --token --token-file --type --username -f -j -o -u

set -l every init add remove update lock freeze unfreeze show why diff check verify prefetch digest tags inspect attestation manifest config layer image nix import completion help fetch-blob
set -l locking update lock
set -l project update lock add show why check verify prefetch
set -l project_at_once update lock add check verify prefetch
set -l stored update lock prefetch
set -l edited remove freeze unfreeze
set -l named remove update freeze unfreeze show why check verify prefetch
set -l registry digest tags inspect attestation manifest config layer image nix
set -l platform inspect attestation manifest config layer image nix
set -l written attestation manifest config layer image nix import
set -l platforms linux/386 linux/amd64 linux/arm/v6 linux/arm/v7 linux/arm64 linux/ppc64le linux/riscv64 linux/s390x

complete -c nixfetch-docker -f

complete -c nixfetch-docker -n __nixfetch_docker_needs_command -s V -l version -d 'Show the version'
complete -c nixfetch-docker -n __nixfetch_docker_needs_command -s h -l help -d 'Show help'
complete -c nixfetch-docker -n __nixfetch_docker_needs_command -a init -d 'Write an images.toml to start from'
complete -c nixfetch-docker -n __nixfetch_docker_needs_command -a add -d 'Append an image to images.toml and lock it'
complete -c nixfetch-docker -n __nixfetch_docker_needs_command -a remove -d 'Remove images from images.toml and the lock'
complete -c nixfetch-docker -n __nixfetch_docker_needs_command -a update -d 'Resolve images anew and write the lock'
complete -c nixfetch-docker -n __nixfetch_docker_needs_command -a lock -d 'Resolve the images that images.toml changed'
complete -c nixfetch-docker -n __nixfetch_docker_needs_command -a freeze -d 'Keep the pins of images'
complete -c nixfetch-docker -n __nixfetch_docker_needs_command -a unfreeze -d 'Let frozen images change again'
complete -c nixfetch-docker -n __nixfetch_docker_needs_command -a show -d 'Show the locked images'
complete -c nixfetch-docker -n __nixfetch_docker_needs_command -a why -d 'Explain the pin of an image'
complete -c nixfetch-docker -n __nixfetch_docker_needs_command -a diff -d 'Show what changed since a revision of git'
complete -c nixfetch-docker -n __nixfetch_docker_needs_command -a check -d 'Ask whether the registries still have all'
complete -c nixfetch-docker -n __nixfetch_docker_needs_command -a verify -d 'Compare locked images with registries; who signed'
complete -c nixfetch-docker -n __nixfetch_docker_needs_command -a prefetch -d 'Fetch locked images into the Nix store'
complete -c nixfetch-docker -n __nixfetch_docker_needs_command -a digest -d 'Print the digest that a tag points at'
complete -c nixfetch-docker -n __nixfetch_docker_needs_command -a tags -d 'Print the tags of a repository'
complete -c nixfetch-docker -n __nixfetch_docker_needs_command -a inspect -d 'Show platforms, layers, size and config'
complete -c nixfetch-docker -n __nixfetch_docker_needs_command -a attestation -d 'Print an SBOM or provenance'
complete -c nixfetch-docker -n __nixfetch_docker_needs_command -a manifest -d 'Print the manifest of an image'
complete -c nixfetch-docker -n __nixfetch_docker_needs_command -a config -d 'Print the config of an image'
complete -c nixfetch-docker -n __nixfetch_docker_needs_command -a layer -d 'Fetch one layer of an image'
complete -c nixfetch-docker -n __nixfetch_docker_needs_command -a image -d 'Fetch an image as a tar or an OCI layout'
complete -c nixfetch-docker -n __nixfetch_docker_needs_command -a nix -d 'Print a Nix expression for an image'
complete -c nixfetch-docker -n __nixfetch_docker_needs_command -a import -d 'Make an images.toml of Nix or compose files'
complete -c nixfetch-docker -n __nixfetch_docker_needs_command -a completion -d 'Print a script that completes in a shell'
complete -c nixfetch-docker -n __nixfetch_docker_needs_command -a help -d 'Describe the program, or a command'
complete -c nixfetch-docker -n __nixfetch_docker_needs_command -a fetch-blob -d 'Fetch one blob by its digest'

# Options before the command.
complete -c nixfetch-docker -n __nixfetch_docker_needs_command -s q -l quiet -d 'Print results and errors alone'
complete -c nixfetch-docker -n __nixfetch_docker_needs_command -s v -l verbose -d 'Print every request'
complete -c nixfetch-docker -n __nixfetch_docker_needs_command -s f -l file -r -F -d 'The images.toml to read'
complete -c nixfetch-docker -n __nixfetch_docker_needs_command -l name -x -d 'The name in images.toml'
complete -c nixfetch-docker -n __nixfetch_docker_needs_command -l platform -x -a "$platforms" -d 'For this platform; may be repeated'
complete -c nixfetch-docker -n __nixfetch_docker_needs_command -s j -l jobs -x -d 'How many at once'
complete -c nixfetch-docker -n __nixfetch_docker_needs_command -l anonymous -d 'Use no login'
complete -c nixfetch-docker -n __nixfetch_docker_needs_command -l policy -r -F -d 'The policy.json to obey'
complete -c nixfetch-docker -n __nixfetch_docker_needs_command -l insecure-policy -d 'Obey no policy.json'
complete -c nixfetch-docker -n __nixfetch_docker_needs_command -l check -d 'Write nothing; exit with 3 for changes'
complete -c nixfetch-docker -n __nixfetch_docker_needs_command -l json -d 'Print the changes as JSON'
complete -c nixfetch-docker -n __nixfetch_docker_needs_command -l markdown -d 'Print the changes as Markdown'
complete -c nixfetch-docker -n __nixfetch_docker_needs_command -l commit -d 'Commit what this run changes to git'
complete -c nixfetch-docker -n __nixfetch_docker_needs_command -l only-digest -d 'Change no tag'
complete -c nixfetch-docker -n __nixfetch_docker_needs_command -l offline -d 'Ask no registry'
complete -c nixfetch-docker -n __nixfetch_docker_needs_command -l prefetch -d 'Then fetch into the Nix store'
complete -c nixfetch-docker -n __nixfetch_docker_needs_command -l all-platforms -d 'For every locked platform'
complete -c nixfetch-docker -n __nixfetch_docker_needs_command -l store -x -d 'The Nix store'
complete -c nixfetch-docker -n __nixfetch_docker_needs_command -l history -d 'The command that made each layer'
complete -c nixfetch-docker -n __nixfetch_docker_needs_command -l layers -d 'Draw a bar for each image'
complete -c nixfetch-docker -n __nixfetch_docker_needs_command -l html -r -F -d 'Write a page; - is stdout'
complete -c nixfetch-docker -n __nixfetch_docker_needs_command -l since -x -d 'What changed since a revision'
complete -c nixfetch-docker -n __nixfetch_docker_needs_command -l dry-run -d 'Fetch nothing'
complete -c nixfetch-docker -n __nixfetch_docker_needs_command -s u -l username -x -d 'Log in under this name'
complete -c nixfetch-docker -n __nixfetch_docker_needs_command -l password-stdin -d 'Read the password from stdin'
complete -c nixfetch-docker -n __nixfetch_docker_needs_command -l token -x -d 'A Bearer token'
complete -c nixfetch-docker -n __nixfetch_docker_needs_command -l token-file -r -F -d 'A file with a Bearer token'
complete -c nixfetch-docker -n __nixfetch_docker_needs_command -l credentials-file -r -F -d 'A file with a login'
complete -c nixfetch-docker -n __nixfetch_docker_needs_command -l registry -x -d 'The URL of the registry'
complete -c nixfetch-docker -n __nixfetch_docker_needs_command -l newest -d 'Only the tag that it would follow'
complete -c nixfetch-docker -n __nixfetch_docker_needs_command -l raw -d 'The index, where there is one'
complete -c nixfetch-docker -n __nixfetch_docker_needs_command -l signatures -d 'List signatures and attestations too'
complete -c nixfetch-docker -n __nixfetch_docker_needs_command -l type -x -a 'spdx cyclonedx slsa' -d 'What it says'
complete -c nixfetch-docker -n __nixfetch_docker_needs_command -l digest -x -d 'Which of several'
complete -c nixfetch-docker -n __nixfetch_docker_needs_command -l statement -d 'The whole statement'
complete -c nixfetch-docker -n __nixfetch_docker_needs_command -s o -l output -r -F -d 'Where to write it; - is stdout'
complete -c nixfetch-docker -n __nixfetch_docker_needs_command -l decompress -d 'Write the tar itself'
complete -c nixfetch-docker -n __nixfetch_docker_needs_command -l manifest -r -F -d 'Read the manifest from a file'
complete -c nixfetch-docker -n __nixfetch_docker_needs_command -l compose-json -r -F -d 'A compose file as JSON'
complete -c nixfetch-docker -n __nixfetch_docker_needs_command -l env-file -r -F -d 'Variables of compose files'
complete -c nixfetch-docker -n __nixfetch_docker_needs_command -l follow-tags -d 'Take the tag as it is now'
complete -c nixfetch-docker -n __nixfetch_docker_needs_command -l unpin -d 'Follow the tags of all images'

# Arguments.
complete -c nixfetch-docker -n "__nixfetch_docker_command $named" -a '(__nixfetch_docker_names)'
complete -c nixfetch-docker -n "__nixfetch_docker_command import" -F
complete -c nixfetch-docker -n "__nixfetch_docker_command completion" -a 'bash zsh fish'
complete -c nixfetch-docker -n "__nixfetch_docker_command help" -a "$every"

# Options of every command.
complete -c nixfetch-docker -n "__nixfetch_docker_command $every" -s h -l help -d 'Show help'
complete -c nixfetch-docker -n "__nixfetch_docker_command $every" -s q -l quiet -d 'Print results and errors alone'
complete -c nixfetch-docker -n "__nixfetch_docker_command $every" -s v -l verbose -d 'Print every request'

# Options of the commands that read images.toml, and of init.
complete -c nixfetch-docker -n "__nixfetch_docker_command init" -s f -l file -r -F -d 'The file to write'
complete -c nixfetch-docker -n "__nixfetch_docker_command $project $edited diff" -s f -l file -r -F -d 'The images.toml to read'
complete -c nixfetch-docker -n "__nixfetch_docker_command $project_at_once" -s j -l jobs -x -d 'How many at once'
complete -c nixfetch-docker -n "__nixfetch_docker_command $project" -l anonymous -d 'Use no login'
complete -c nixfetch-docker -n "__nixfetch_docker_command $locking add verify" -l policy -r -F -d 'The policy.json to obey'
complete -c nixfetch-docker -n "__nixfetch_docker_command $locking add verify" -l insecure-policy -d 'Obey no policy.json'
complete -c nixfetch-docker -n "__nixfetch_docker_command $stored add" -l platform -x -a "$platforms" -d 'For this platform; may be repeated'
complete -c nixfetch-docker -n "__nixfetch_docker_command $stored" -l all-platforms -d 'For every locked platform'
complete -c nixfetch-docker -n "__nixfetch_docker_command $stored" -l store -x -d 'The Nix store'
complete -c nixfetch-docker -n "__nixfetch_docker_command $locking" -l check -d 'Write nothing; exit with 3 for changes'
complete -c nixfetch-docker -n "__nixfetch_docker_command $locking" -l json -d 'Print the changes as JSON'
complete -c nixfetch-docker -n "__nixfetch_docker_command $locking" -l markdown -d 'Print the changes as Markdown'
complete -c nixfetch-docker -n "__nixfetch_docker_command $locking" -l commit -d 'Commit what this run changes to git'
complete -c nixfetch-docker -n "__nixfetch_docker_command update" -l only-digest -d 'Change no tag'
complete -c nixfetch-docker -n "__nixfetch_docker_command $locking" -l prefetch -d 'Then fetch into the Nix store'
complete -c nixfetch-docker -n "__nixfetch_docker_command add" -l name -x -d 'The name in images.toml'
complete -c nixfetch-docker -n "__nixfetch_docker_command add" -l version -x -d 'Follow versions, such as ^7.2'
complete -c nixfetch-docker -n "__nixfetch_docker_command show" -l history -d 'The command that made each layer'
complete -c nixfetch-docker -n "__nixfetch_docker_command show" -l layers -d 'Draw a bar for each image'
complete -c nixfetch-docker -n "__nixfetch_docker_command show" -l html -r -F -d 'Write a page; - is stdout'
complete -c nixfetch-docker -n "__nixfetch_docker_command show" -l since -x -d 'What changed since a revision'
complete -c nixfetch-docker -n "__nixfetch_docker_command show why diff verify" -l json -d 'Print JSON'
complete -c nixfetch-docker -n "__nixfetch_docker_command why" -l offline -d 'Ask no registry'
complete -c nixfetch-docker -n "__nixfetch_docker_command prefetch" -l dry-run -d 'Fetch nothing'

# Options of the commands about one image.
complete -c nixfetch-docker -n "__nixfetch_docker_command $registry" -s u -l username -x -d 'Log in; a terminal is asked for the password'
complete -c nixfetch-docker -n "__nixfetch_docker_command $registry" -l password-stdin -d 'Read the password from stdin'
complete -c nixfetch-docker -n "__nixfetch_docker_command $registry" -l token -x -d 'A Bearer token'
complete -c nixfetch-docker -n "__nixfetch_docker_command $registry" -l token-file -r -F -d 'A file with a Bearer token'
complete -c nixfetch-docker -n "__nixfetch_docker_command $registry" -l credentials-file -r -F -d 'A file with a login'
complete -c nixfetch-docker -n "__nixfetch_docker_command $registry" -l registry -x -d 'The URL of the registry'
complete -c nixfetch-docker -n "__nixfetch_docker_command $registry" -s f -l file -r -F -d 'Take the registries of this images.toml'
complete -c nixfetch-docker -n "__nixfetch_docker_command $registry import" -l anonymous -d 'Use no login'
complete -c nixfetch-docker -n "__nixfetch_docker_command $platform" -l platform -x -a "$platforms" -d 'Of this platform'
complete -c nixfetch-docker -n "__nixfetch_docker_command $written" -s o -l output -r -F -d 'Where to write it; - is stdout'
complete -c nixfetch-docker -n "__nixfetch_docker_command tags" -l version -x -d 'Only tags that this version follows'
complete -c nixfetch-docker -n "__nixfetch_docker_command tags" -l newest -d 'Only the tag that it would follow'
complete -c nixfetch-docker -n "__nixfetch_docker_command tags inspect" -l json -d 'Print JSON'
complete -c nixfetch-docker -n "__nixfetch_docker_command manifest" -l raw -d 'The index, where there is one'
complete -c nixfetch-docker -n "__nixfetch_docker_command inspect" -l signatures -d 'List signatures and attestations too'
complete -c nixfetch-docker -n "__nixfetch_docker_command attestation" -l type -x -a 'spdx cyclonedx slsa' -d 'What it says'
complete -c nixfetch-docker -n "__nixfetch_docker_command attestation" -l digest -x -d 'Which of several'
complete -c nixfetch-docker -n "__nixfetch_docker_command attestation" -l statement -d 'The whole statement'
complete -c nixfetch-docker -n "__nixfetch_docker_command layer" -l decompress -d 'Write the tar itself'
complete -c nixfetch-docker -n "__nixfetch_docker_command image" -s j -l jobs -x -d 'How many layers at once'
complete -c nixfetch-docker -n "__nixfetch_docker_command nix" -l manifest -r -F -d 'Read the manifest from a file'
complete -c nixfetch-docker -n "__nixfetch_docker_command nix" -l name -x -d 'The name to load it under'
complete -c nixfetch-docker -n "__nixfetch_docker_command import" -l compose-json -r -F -d 'A compose file as JSON'
complete -c nixfetch-docker -n "__nixfetch_docker_command import" -l env-file -r -F -d 'Variables of compose files'
complete -c nixfetch-docker -n "__nixfetch_docker_command import" -l follow-tags -d 'Take the tag as it is now'
complete -c nixfetch-docker -n "__nixfetch_docker_command import" -l unpin -d 'Follow the tags of all images'
complete -c nixfetch-docker -n "__nixfetch_docker_command import" -l check -d 'Compare with images.toml; write nothing'
complete -c nixfetch-docker -n "__nixfetch_docker_command import" -l json -d 'Print the differences as JSON'
complete -c nixfetch-docker -n "__nixfetch_docker_command import" -s f -l file -r -F -d 'The images.toml to read'

# Options of fetch-blob.
complete -c nixfetch-docker -n "__nixfetch_docker_command fetch-blob" -l size -x -d 'The size in bytes'
complete -c nixfetch-docker -n "__nixfetch_docker_command fetch-blob" -s o -l output -r -F -d 'Where to write it'
complete -c nixfetch-docker -n "__nixfetch_docker_command fetch-blob" -l manifest -d 'The digest is of a manifest'
complete -c nixfetch-docker -n "__nixfetch_docker_command fetch-blob" -l registries -x -d 'The registries of images.toml, as JSON'
complete -c nixfetch-docker -n "__nixfetch_docker_command fetch-blob" -l ca-file -r -F -d 'A CA bundle'
