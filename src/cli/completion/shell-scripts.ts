/** What a shell sources so that `kubectl-pitstop` completes by itself, without kubectl. */
export const shellScripts = {
  bash: `# bash completion for kubectl-pitstop; for one session: source <(kubectl-pitstop completion bash)
_kubectl_pitstop() {
  # Words are taken apart at spaces alone: bash would part them at = and : too.
  local line="\${COMP_LINE:0:COMP_POINT}" answer word directive typed
  local -a words
  read -ra words <<< "$line"
  [[ $line == *[[:space:]] ]] && words+=('')
  answer=$(kubectl-pitstop __complete "\${words[@]:1}" 2> /dev/null) || return
  directive=\${answer##*:}
  typed=\${words[-1]}
  [[ $typed == -*=* ]] && typed=\${typed#*=}
  COMPREPLY=()
  while IFS=$'\\t' read -r word _; do
    [[ $word != :* && $word == "$typed"* ]] && COMPREPLY+=("$word")
  done <<< "$answer"
  (( directive & 2 )) && compopt -o nospace
  (( directive & 4 )) || compopt -o default
}
complete -F _kubectl_pitstop kubectl-pitstop
`,
  zsh: `#compdef kubectl-pitstop
# zsh completion for kubectl-pitstop; for one session: source <(kubectl-pitstop completion zsh)
_kubectl_pitstop() {
  local -a lines offered options
  local line directive
  lines=("\${(@f)$(kubectl-pitstop __complete "\${(@)words[2,CURRENT]}" 2> /dev/null)}")
  directive=\${lines[-1]#:}
  lines[-1]=()
  for line in $lines; do
    offered+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}")
  done
  [[ $PREFIX == -*=* ]] && compset -P '*='
  (( directive & 2 )) && options=(-S '')
  (( \${#offered} )) && _describe kubectl-pitstop offered $options
  (( directive & 4 )) || _files
}
compdef _kubectl_pitstop kubectl-pitstop
`,
  fish: `# fish completion for kubectl-pitstop; for one session: kubectl-pitstop completion fish | source
function __kubectl_pitstop_answer
  set -l words (commandline -opc) (commandline -ct)
  kubectl-pitstop __complete $words[2..-1] 2> /dev/null
end
function __kubectl_pitstop_words
  set -l typed (commandline -ct)
  set -l flag (string match -r -- '^-.*=' $typed)
  for line in (__kubectl_pitstop_answer)
    string match -qr '^:' -- $line; or echo "$flag$line"
  end
end
function __kubectl_pitstop_wants_files
  set -l directive (string sub -s 2 -- (__kubectl_pitstop_answer)[-1])
  test (math "bitand($directive, 4)") -eq 0
end
complete -c kubectl-pitstop -f -a '(__kubectl_pitstop_words)'
complete -c kubectl-pitstop -n __kubectl_pitstop_wants_files -F
`,
} as const;
